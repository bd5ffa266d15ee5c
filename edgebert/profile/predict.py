"""Predict how long a file takes on a device, from its own operators and the device's profile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from converters.errors import ConversionError
from device_profiles import Device
from edgebert.errors import GateError, UserError
from edgebert.files import sha256
from edgebert.profile.costs import formula
from edgebert.profile.costs.coefficients import Coefficients, coefficients_of
from edgebert.profile.costs.known import work_of
from edgebert.profile.costs.steps import steps
from edgebert.profile.costs.work import Node
from edgebert.profile.prediction import OperatorCost, Prediction

MIN_COVERAGE = 0.95
"""Below this share of operators with a known cost, a prediction is refused."""


def predict(file: Path, device: Device, *, engine: str, threads: int, length: int | None) -> Prediction:
    """Predict the latency of a call: batch 1, a row of ``length`` tokens.

    Args:
        file: an .onnx or .tflite file.
        device: a profile. Where it has coefficients of the engine, these count, else the usual ones.
        engine: "litert", "tflite-2020" or "ort".
        threads: of the engine, on the fastest cores.
        length: tokens; None for the longest that a TFLite file has a function for, 128 in ONNX.

    Raises:
        UserError: if the file is damaged, has no function for the length, or the device has no clock or peak to go by.
        GateError: if too few of its operators are known, naming the others.
    """
    if threads < 1:
        raise UserError(f"--threads {threads}: there has to be one at least.")
    try:
        tokens, nodes = steps(file, length)
    except ConversionError as error:
        raise UserError(str(error), "Give a whole .onnx or .tflite file.") from error
    using = coefficients_of(device, engine)
    found = cost(nodes, device, using, threads)
    if found.coverage < MIN_COVERAGE:
        raise GateError(
            f"{file.name}: the cost of only {found.coverage:.0%} of its operators is known; not of "
            f"{', '.join(found.unknown)}.",
            f"A prediction wants {MIN_COVERAGE:.0%}. Measure instead: edgebert profile.",
        )
    return Prediction(
        file=file.name, sha256=sha256(file), device=device.name, engine=engine, threads=threads, length=tokens,
        ms=found.ms, low_ms=found.ms * using.low, high_ms=found.ms * using.high, coverage=found.coverage,
        basis=using.basis, rests_on=using.rests_on, operators=found.operators, unknown=found.unknown,
    )  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """What a call takes; see `Prediction`."""

    ms: float
    coverage: float
    operators: tuple[OperatorCost, ...]
    unknown: tuple[str, ...]


def cost(nodes: Sequence[Node], device: Device, using: Coefficients, threads: int) -> Cost:
    """Sum up the operators of a call.

    Args:
        nodes: the operators.
        device: where they run.
        using: its coefficients.
        threads: of the engine.
    """
    counted = [(node, work_of(node)) for node in nodes]
    setting = formula.Setting.of(device, using.values, [work for _, works in counted for work in works or ()])
    units, speedup = formula.unit_costs(device, using.values), device.speedup(threads)
    groups: dict[tuple[str, str], list[tuple[int, int, int, float]]] = defaultdict(list)
    unknown: list[Node] = []
    for node, works in counted:
        ms = None if works is None else formula.node_ms(node, works, setting, units, using.values, speedup)
        if works is None or ms is None:
            unknown.append(node)
            continue
        macs = sum(work.macs * work.times for work in works)
        moved = sum(work.bytes * work.times for work in works)
        groups[node.kind, " + ".join(work.shape for work in works)].append((node.times, macs, moved, ms))
    operators = [
        OperatorCost(
            kind=kind, shape=shape, count=sum(times for times, *_ in ones),
            macs=sum(times * macs for times, macs, _, _ in ones),
            bytes=sum(times * moved for times, _, moved, _ in ones), ms=sum(times * ms for times, _, _, ms in ones),
        )
        for (kind, shape), ones in groups.items()
    ]  # fmt: skip
    counts = sum(one.count for one in operators), sum(node.times for node in unknown)
    moved_bytes = sum(one.bytes for one in operators), sum(node.times * node.bytes for node in unknown)
    coverage = min(known / max(known + missing, 1) for known, missing in (counts, moved_bytes))
    call = using.values.get("call_us", 0.0) / 1000
    return Cost(
        ms=sum(one.ms for one in operators) + call, coverage=coverage,
        operators=tuple(sorted(operators, key=lambda one: -one.ms)),
        unknown=tuple(sorted({node.kind for node in unknown})),
    )  # fmt: skip
