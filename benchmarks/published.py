"""The cost model of TFLite 2020 on a Pixel 4, fitted on published rows, and its errors on rows it has not seen.

Three kinds of coefficients: the peak is the chip's specification; the share of it that large products reach is that of
two CNNs of the same table, whose work is large products; how much slower operators and elements are than usual, two
factors, is fitted on transformer rows. Each verified transformer row is left out once, and both rows of the 5.5x
together. A Pixel 3's row and a Snapdragon 4 Gen 2's are predicted, and never fitted on.
Run: python -m benchmarks.published        (exports models at the papers' sizes; killed, it goes on where it was)

It says the tables that device_profiles/pixel4.toml ends with.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

import device_profiles
from benchmarks import results, script
from device_profiles import Device, Engine
from device_profiles.device import FLOP_PER_MAC
from device_profiles.published import Published, published
from device_profiles.write import engine_lines
from edgebert import console
from edgebert.claims.files import file_of, write_all
from edgebert.claims.models import PAPERS, Builders
from edgebert.errors import GateError
from edgebert.profile.costs.coefficients import Coefficients, coefficients_of
from edgebert.profile.costs.fit import nonnegative, record
from edgebert.profile.costs.steps import steps
from edgebert.profile.costs.work import Node
from edgebert.profile.predict import cost

ENGINE = "tflite-2020"
CNNS = ("pixel4-inception-v4", "pixel4-inception-resnet-v2")
"""Networks that are large products through and through."""
FITTED = ("pixel4-bert-base", "pixel4-mobilebert", "pixel4-mobilebert-tiny", "pixel4-mobilebert-layernorm-gelu")
"""Transformer rows whose figures were checked."""
CLAIM = ("pixel4-bert-base", "pixel4-mobilebert")
"""Both rows of the 5.5x."""
UNSEEN = (
    "pixel4-mobilebert-layernorm", "pixel4-mobilebert-gelu", "pixel4-mobilebert-page", "pixel3-mobilebert-page",
    "redmi-note-12r-mobilebert",
)  # fmt: skip
"""Rows that nothing is ever fitted on."""


@dataclass(frozen=True)
class Factors:
    """What is fitted.

    Attributes:
        efficiency: share of the peak of all threads that large products reach.
        elements: how many times the usual time work on elements takes.
        operators: likewise what an operator costs whatever its size.
    """

    efficiency: float
    elements: float
    operators: float


def main(
    *, work: Path = results.WORK / "published", results_in: Path = results.FOLDER, builders: Builders = PAPERS
) -> None:
    """Fit, leave out, predict, and write the errors down.

    Args:
        work: where the models' files are kept.
        results_in: folder of the result file.
        builders: makes each model.
    """
    watch = results.Watch()
    known = published()
    nodes = {name: _nodes(known[name], builders, work) for name in (*FITTED, *UNSEEN)}
    reached = efficiency([known[name] for name in CNNS])

    def fitted(names: Sequence[str]) -> Factors:
        return fit([(known[name], nodes[name]) for name in names], reached)

    rows = [_row("one left out", known[name], nodes[name], fitted([n for n in FITTED if n != name])) for name in FITTED]
    without = fitted([name for name in FITTED if name not in CLAIM])
    rows += [_row("both of the 5.5x left out", known[name], nodes[name], without) for name in CLAIM]
    factors = fitted(FITTED)
    rows += [_row("never fitted on", known[name], nodes[name], factors) for name in UNSEEN]
    pair = {row["row"]: row["predicted_ms"] for row in rows if row["kind"].startswith("both")}
    engine = _engine(factors, [row["error"] for row in rows if row["kind"] == "one left out"])
    results.write(
        "published", "published", results.command("published", sys.argv[1:]), watch,
        {
            "rows": rows, "factors": asdict(factors), "fitted_on": FITTED, "efficiency_from": CNNS,
            "engine": asdict(engine), "median_error": engine.fit.median_error,
            "claim": {"printed": known[CLAIM[0]].ms / known[CLAIM[1]].ms, "predicted": pair[CLAIM[0]] / pair[CLAIM[1]]},
        },
        results_in,
    )  # fmt: skip
    console.say("\n".join(("of pixel4.toml:", *engine_lines(ENGINE, engine))))


def _engine(factors: Factors, errors: Sequence[float]) -> Engine:
    """The table `engines.tflite-2020` of pixel4.toml; its errors are those of rows that were left out."""
    how = "peak: specification; share of it: two CNNs; two factors: least squares on relative errors of transformers"
    seen = (*CNNS, *FITTED)
    values = using(device_profiles.load("pixel4"), ENGINE, factors).values
    fitted = record(how, f"rows of published.csv: {', '.join(seen)}", errors, len(seen))
    return Engine(version="of 2020", coefficients=dict(values), fit=fitted)


def efficiency(rows: Sequence[Published]) -> float:
    """Share of the peak that networks of large products reach, the median: 2 x multiply-adds / time / peak."""
    shares = []
    for row in rows:
        peak = device_profiles.load(row.device).peak_gops("fp32", row.threads)
        assert peak and row.gmacs
        shares.append(FLOP_PER_MAC * row.gmacs / (row.ms / 1000) / peak)
    return median(shares)


def fit(rows: Sequence[tuple[Published, Sequence[Node]]], reached: float) -> Factors:
    """Least squares on relative errors: products + elements x E + operators x O = ms, E and O not below zero."""
    parts = np.array([_parts(row, nodes, reached) for row, nodes in rows])
    ms = np.array([row.ms for row, _ in rows])
    elements, operators = nonnegative(parts[:, 1:] / ms[:, None], 1 - parts[:, 0] / ms).tolist()
    return Factors(reached, elements, operators)


def using(device: Device, engine: str, factors: Factors) -> Coefficients:
    """The usual coefficients of a device, times the factors; threads share everything, as all rows have four."""
    usual = coefficients_of(replace(device, engines={}), engine)
    values = dict(usual.values) | {"parallel_share": 1.0, "element_parallel_share": 1.0, "sync_us": 0.0}
    values["fp32_efficiency"] = factors.efficiency
    for name, value in values.items():
        if name.endswith("_ns"):
            values[name] = value * factors.elements
        elif name.endswith("_us"):
            values[name] = value * factors.operators
    return replace(usual, values=values)


def _parts(row: Published, nodes: Sequence[Node], reached: float) -> tuple[float, float, float]:
    """Milliseconds of products alone, and what elements and operators add at a factor of 1: the model is linear."""
    device = device_profiles.load(row.device)

    def ms(elements: float, operators: float) -> float:
        return cost(nodes, device, using(device, row.engine, Factors(reached, elements, operators)), row.threads).ms

    products = ms(0, 0)
    return products, ms(1, 0) - products, ms(0, 1) - products


def _row(kind: str, row: Published, nodes: Sequence[Node], factors: Factors) -> dict[str, Any]:
    """A row predicted: TFLite 2020 with the factors, another engine with what its profile has."""
    device = device_profiles.load(row.device)
    own = using(device, row.engine, factors) if row.engine == ENGINE else coefficients_of(device, row.engine)
    found = cost(nodes, device, own, row.threads)
    if found.unknown:
        raise GateError(f"{row.name}: the cost of {', '.join(found.unknown)} is not known on {row.device}.")
    return {
        "kind": kind, "row": row.name, "device": row.device, "model": row.model, "dtype": row.dtype,
        "threads": row.threads, "length": row.length, "published_ms": row.ms, "verified": row.verified,
        "note": row.note, "predicted_ms": round(found.ms, 2), "error": round(found.ms / row.ms - 1, 4),
    }  # fmt: skip


def _nodes(row: Published, builders: Builders, work: Path) -> list[Node]:
    """The operators of a row's model, exported at the row's length."""
    assert row.length
    folder = work / f"s{row.length}"
    write_all([row.model], builders, row.length, folder, (row.dtype,))
    return steps(file_of(folder, row.model, row.dtype).path, row.length)[1]


if __name__ == "__main__":
    script.run(main)
