"""The table of `benchmarks.operators`."""

from __future__ import annotations

from itertools import accumulate

from benchmarks.views.result import Result, busy, held
from edgebert.report import words
from edgebert.report.tables import Table

MOST = 0.95
"""Share of the operators' time that is shown row by row."""
OPAQUE = ("WHILE", "LSTM", "DynamicQuantizeLSTM")
"""Operators that have matrix products inside, which are not counted."""
RUNTIMES = {"litert": "LiteRT", "ort": "ONNX Runtime"}


def table(result: Result) -> Table:
    """For each file a row of its own, then its operators, the longest first, alike ones together."""
    rows = [row for file in result["files"] for row in (_whole(file), *_operators(file))]
    plan = result["plan"]
    notes = [
        f"Batch 1, 1 thread, a text of {words.listed(str(file['length']) for file in result['files'])} tokens, "
        f"without tokenising; {words.listed(_engine(file) for file in result['files'])}. Each file in a process of its "
        f"own; ms: of a call, median of {plan['rounds']} rounds in which the whole file and its operators take turns. "
        f"Below each file the operators that make up {100 * MOST:.0f} % of the time of all; count: how many of them a "
        "call runs, their ms are added up; %: of the ms of all operators; GOP/s: of matrix products, a multiply-add as "
        "two; shapes: of activations.",
        "Of LiteRT, each operator is called alone, in a model of its own and with what the file computes for it, less "
        "a call that does next to nothing: its Python package tells no times of operators within a file. There they "
        "take other times: XNNPACK fuses some, and an operator that is called again and again finds its weights and "
        "activations in the nearest cache. Of ONNX Runtime, its profiler tells of the nodes within the file, its "
        "fusions done; the profiler's own work is in them. So the sum of the operators is not the file's ms: what "
        "percentage of it they explain stands beside each file.",
        f"Families are profiled one by one; {held(result['files'], 'family')}.",
        *busy(result["files"]),
    ]
    return Table("Where the time is", ["file, operator", "count", "ms", "%", "GOP/s"], rows, notes)


def _whole(file: Result) -> list[str]:
    explained = 100 * file["operators_ms"] / file["whole_ms"]
    count = sum(one["count"] for one in file["operators"])
    name = f"{file['family']} {file['precision']}, {RUNTIMES.get(file['runtime'], file['runtime'])}: the whole file"
    ms, macs = file["whole_ms"], sum(one["macs"] for one in file["operators"])
    is_counted = macs and not any(one["operator"] in OPAQUE for one in file["operators"])
    rate = f"{2 * macs / ms / 1e6:.0f}" if is_counted else ""
    return [f"{name}; its operators sum up to {explained:.0f} % of it", str(count), words.ms(ms), "", rate]


def _operators(file: Result) -> list[list[str]]:
    alike: dict[tuple[str, str], list[Result]] = {}
    for one in file["operators"]:
        alike.setdefault((one["operator"], one["shape"]), []).append(one)
    groups = sorted(alike.items(), key=lambda group: -_sum(group[1], "ms"))
    whole = sum(_sum(ones, "ms") for _, ones in groups)
    before = [0.0, *accumulate(_sum(ones, "ms") for _, ones in groups)]
    shown = [group for group, ms in zip(groups, before, strict=False) if ms < MOST * whole]
    rest = [one for _, ones in groups[len(shown) :] for one in ones]
    rows = [_row(f"{kind} {shape}{_where(ones)}", ones, whole) for (kind, shape), ones in shown]
    return [*rows, *([_row(f"{len(groups) - len(shown)} others", rest, whole)] if rest else [])]


def _row(name: str, ones: list[Result], whole: float) -> list[str]:
    ms, macs = _sum(ones, "ms"), _sum(ones, "macs")
    rate = f"{2 * macs / ms / 1e6:.0f}" if ms and all(one["macs"] for one in ones) else ""
    return [f"· {name}", f"{_sum(ones, 'count'):.0f}", words.ms(ms), f"{100 * ms / whole:.1f}", rate]


def _where(ones: list[Result]) -> str:
    return "" if all(one["fast"] in (None, True) for one in ones) else ", not by XNNPACK"


def _sum(ones: list[Result], key: str) -> float:
    return float(sum(one[key] for one in ones))


def _engine(file: Result) -> str:
    return f"{RUNTIMES.get(file['runtime'], file['runtime'])} {file['version']}"
