"""The process that times one file: `python -m benchmarks.profiles.worker ASK.json ANSWER.json`.

The whole file is called as `benchmarks.peers` calls it, in the same rounds as its operators.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.peers import sessions
from benchmarks.peers.filled import filled
from benchmarks.profiles import onnx, tflite
from benchmarks.profiles.turns import WARMUP, WHOLE, Plan, Row, in_turn, turn
from edgebert.files import read_json, write_json
from edgebert.runtimes.engines import ort
from edgebert.runtimes.meter import OtherCores
from edgebert.runtimes.token_file import TokenFile

EMPTY = "empty"
Feeds = dict[str, np.ndarray]


@dataclass(frozen=True)
class Found:
    """What a file takes.

    Attributes:
        whole_ms: of a call, the median of the rounds' medians.
        empty_ms: of a call that does next to nothing, which is taken off each operator's; None where none is.
        rows: equal operators together.
    """

    whole_ms: float
    empty_ms: float | None
    rows: list[Row]


def of_tflite(path: Path, signature: str, feeds: Feeds, plan: Plan) -> Found:
    """Every operator alone, in a model of its own."""
    session, apart = sessions.tflite_signatures(path, 1), tflite.Apart(path.read_bytes(), signature)
    held, operators, ready = tflite.activations(apart, feeds), apart.operators(), session.prepare(feeds)
    opened = {str(place): tflite.opened(apart.alone(one)) for place, one in enumerate(operators)}
    opened[EMPTY] = tflite.opened(tflite.empty())
    for place, one in enumerate(operators):
        for number in one.inputs:
            opened[str(place)].set_tensor(number, held[number])
    calls: dict[str, Callable[[], object]] = {name: one.invoke for name, one in opened.items()}
    times = in_turn({WHOLE: partial(session.run, ready), **calls}, plan)

    def row(place: int, one: tflite.Alone) -> Row:
        own = median(max(0.0, ms - empty) for ms, empty in zip(times[str(place)], times[EMPTY], strict=True))
        nodes = {node["op_name"] for node in opened[str(place)]._get_ops_details()}
        fast = None if one.is_loop else "DELEGATE" in nodes
        return Row(one.kind, one.shape, one.count, one.count * own, one.count * one.macs, fast)

    rows = [row(place, one) for place, one in enumerate(operators)]
    return Found(median(times[WHOLE]), median(times[EMPTY]), rows)


def of_onnx(path: Path, feeds: Feeds, plan: Plan) -> Found:
    """Every node, as the profiler of a second session tells it, whose turns are between those of the whole file."""
    session, whole, timed = sessions.onnx(path, 1), list[float](), list[bool]()
    ready = session.prepare(feeds)
    with tempfile.TemporaryDirectory(prefix="edgebert-") as folder:
        profiled = ort.profiled(path, 1, Path(folder))
        for _ in range(plan.rounds):
            whole.append(median(turn(partial(session.run, ready), plan, whole=True)))
            calls = turn(partial(profiled.run, None, ready), plan, whole=True)
            timed += [False] * WARMUP + [True] * len(calls)
        kernels = ort.kernels(profiled)
    return Found(median(whole), None, onnx.rows(kernels, timed))


def main(ask: Path, answer: Path) -> None:
    """Time the file that ``ask`` names with a row of tokens, and write what it takes to ``answer``."""
    job: dict[str, Any] = read_json(ask)
    path, plan, cores = Path(job["path"]), Plan(**job["plan"]), OtherCores()
    row = filled(TokenFile(Path(job["rows"])), job["row"], job["length"])
    feeds = {name: row[name] for name in job["inputs"]}
    found = of_onnx(path, feeds, plan) if path.suffix == ".onnx" else of_tflite(path, job["signature"], feeds, plan)
    together = sum(row.ms for row in found.rows)
    write_json(answer, {
        "whole_ms": round(found.whole_ms, 4), "operators_ms": round(together, 4),
        "empty_ms": None if found.empty_ms is None else round(found.empty_ms, 5), "others_busy": cores.share(),
        "operators": [row.to_dict(together) for row in sorted(found.rows, key=lambda row: -row.ms)],
    })  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
