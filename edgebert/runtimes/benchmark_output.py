"""What TensorFlow's `benchmark_model` prints, as numbers. It prints no single calls: no other percentiles than its own.

The format is that of tensorflow/lite/tools/benchmark (now google-ai-edge/LiteRT, tflite/tools/benchmark), from 2020 on;
median and 95th percentile came later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from edgebert.runtimes.jobs import OperatorTime

RUNS = "Running benchmark for at least"
PROFILE = "Operator-wise Profiling Info for Regular Benchmark Runs:"
SUMMARY = "Summary by node type"
INTERNAL = "Delegate internal:"

_STATISTIC = re.compile(r"(\w+)=([-+.\de]+)")
_TIMINGS = re.compile(r"Inference timings in us: Init: (\S+), First inference: (\S+),")
_MEMORY = re.compile(
    r"(?:Memory footprint delta from the start of the tool|Peak memory footprint) \(MB\): init=\S+ overall=(\S+)"
)
_PLACED = re.compile(
    r"Replacing (\d+)(?: out of (\d+))? node\(s\) with delegate \((.+?)\) node(?:, yielding (\d+) partitions)?"
    r"(?: for subgraph (\d+))?"
)
_REFUSED = re.compile(
    r"operations are not supported by GPU delegate:\n(.*?)\n[^\n]*operations will run on the GPU", re.S
)
_ROW = re.compile(r"^\t *(\S[^\t]*?)\t *(\d+)\t *([.\d]+)\t")


class Incomplete(ValueError):
    """The output ends before the numbers."""


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Operators that a delegate took over.

    Attributes:
        delegate: as the engine names it, "TfLiteXNNPackDelegate".
        nodes: how many.
        of: of so many; None where the build does not tell.
        partitions: in so many pieces; None where the build does not tell.
        subgraph: in which subgraph of the file; None where the build does not tell.
    """

    delegate: str
    nodes: int
    of: int | None
    partitions: int | None
    subgraph: int | None


@dataclass(frozen=True, kw_only=True)
class Benchmarked:
    """What one process of `benchmark_model` measured.

    Attributes:
        calls: timed calls.
        warmup: calls before.
        mean_ms: the mean.
        std_ms: standard deviation.
        min_ms: the fastest call.
        max_ms: the slowest.
        p50_ms: median; None where the build prints none.
        p95_ms: 95th percentile; None where the build prints none.
        open_ms: until the first call: opening the file, applying delegates.
        first_call_ms: the first call.
        peak_memory_mb: growth of the peak resident memory since the tool started, MiB; None if unknown.
        placements: what delegates took over, in their order.
        refused: operators that the GPU delegate said it does not take, with its reasons.
        declined: whether a delegate that was asked for does not run the graph at all.
    """

    calls: int
    warmup: int
    mean_ms: float
    std_ms: float
    min_ms: float
    max_ms: float
    p50_ms: float | None
    p95_ms: float | None
    open_ms: float
    first_call_ms: float
    peak_memory_mb: float | None
    placements: tuple[Placement, ...]
    refused: tuple[str, ...]
    declined: bool


def parse(text: str) -> Benchmarked:
    """Read the output of a run.

    Raises:
        Incomplete: if it ends before the timings.
    """
    timings = _TIMINGS.search(text)
    phases = [_statistics(part) for part in text.split(RUNS)[1:]]
    if timings is None or len(phases) != 2:
        raise Incomplete("the output ends before the timings")
    warmup, timed = phases
    only = timed.get("curr", 0.0)  # of equal calls it prints nothing but one of them
    memory = _MEMORY.search(text)
    refused = _REFUSED.search(text)
    return Benchmarked(
        calls=int(timed["count"]),
        warmup=int(warmup["count"]),
        mean_ms=timed.get("avg", only) / 1000,
        std_ms=timed.get("std", 0.0) / 1000,
        min_ms=timed.get("min", only) / 1000,
        max_ms=timed.get("max", only) / 1000,
        p50_ms=timed["median"] / 1000 if "median" in timed else None,
        p95_ms=timed["p95"] / 1000 if "p95" in timed else None,
        open_ms=float(timings[1]) / 1000,
        first_call_ms=float(timings[2]) / 1000,
        peak_memory_mb=float(memory[1]) if memory else None,
        placements=tuple(_placement(found) for found in _PLACED.finditer(text)),
        refused=tuple(refused[1].splitlines()) if refused else (),
        declined="the model graph will not be executed by the delegate" in text,
    )


def parse_operators(text: str) -> tuple[OperatorTime, ...]:
    """Read the tables of a run with `--enable_op_profiling`.

    Returns:
        Each kind of operator, the longest first. Where a delegate tells what is inside its nodes, as XNNPACK does,
        these stand in the place of XNNPACK's nodes.

    Raises:
        Incomplete: if there is no table.
    """
    graph, _, inside = text.partition(PROFILE)[2].partition(INTERNAL)
    rows = _tables(graph)
    if not rows:
        raise Incomplete("the output ends before the table of operators")
    if internal := _tables(inside):
        rows = {name: row for name, row in rows.items() if "XNNPack" not in name} | internal
    found = [OperatorTime(name, count, ms) for name, (count, ms) in rows.items()]
    return tuple(sorted(found, key=lambda one: -one.ms))


def _statistics(part: str) -> dict[str, float]:
    """The `count=... avg=...` line that follows the announcement of a phase."""
    line = next((line for line in part.splitlines() if re.search(r"\bcount=\d", line)), "")
    found = {name: float(value) for name, value in _STATISTIC.findall(line)}
    if not found.get("count") or not found.keys() & {"avg", "curr"}:
        raise Incomplete("the output ends before the timings")
    return found


def _placement(found: re.Match[str]) -> Placement:
    nodes, of, delegate, partitions, subgraph = found.groups()
    return Placement(
        delegate=delegate,
        nodes=int(nodes),
        of=int(of) if of else None,
        partitions=int(partitions) if partitions else None,
        subgraph=int(subgraph) if subgraph else None,
    )


def _tables(text: str) -> dict[str, tuple[int, float]]:
    """Count and milliseconds of each kind of node, summed over the summaries of all subgraphs."""
    rows: dict[str, tuple[int, float]] = {}
    for part in text.split(SUMMARY)[1:]:
        for line in part.partition("\n\n")[0].splitlines():
            if found := _ROW.match(line):
                count, ms = rows.get(found[1], (0, 0.0))
                rows[found[1]] = count + int(found[2]), ms + float(found[3])
    return rows
