"""What the report says of time and memory, as tables that any rendering can print."""

from __future__ import annotations

from collections.abc import Iterable

from edgebert.profile.latency import Latency
from edgebert.report import words
from edgebert.report.report import Report, Speedup
from edgebert.report.tables import Table, name
from edgebert.report.words import optional

Group = tuple[str, str, int | None, tuple[str, ...]]
"""Whose files, at full length or on the rows' own lengths, which length, and which files."""


def latency(report: Report) -> Table:
    """Every file and baseline: p50 and p90 by threads, cold start and memory at 1 thread."""
    counts = sorted({one.conditions.threads for one in report.latencies})
    groups: dict[Group, dict[int, Latency]] = {}
    for one in sorted(report.latencies, key=lambda one: one.model != "student"):
        groups.setdefault((one.model, one.at, one.conditions.length, one.files), {})[one.conditions.threads] = one
    rows = []
    for by_threads in groups.values():
        first = by_threads[min(by_threads)]
        rows.append([
            file_name(first), at(first.conditions.length),
            *(percentiles(by_threads.get(count)) for count in counts),
            words.ms(first.open_ms + first.first_call_ms), optional(words.mebibytes, first.peak_memory_mb),
        ])  # fmt: skip
    columns = ["file", "tokens", *(words.threads(count) for count in counts), "cold", "peak MiB"]
    return Table("Milliseconds a call, p50 / p90", columns, rows, latency_notes(report))


def latency_notes(report: Report) -> list[str]:
    """How the files were timed."""
    fewest = words.threads(min(one.conditions.threads for one in report.latencies))
    return [
        words.conditions(report.latencies),
        words.conditions_in_full(report.latencies),
        "tokens: 'own' is the dev rows' own lengths, each row through the shortest file that it fits in. cold: opening "
        "the file and the first call, the file already in the page cache. peak: growth of the process's resident "
        f"memory by the file. Both with {fewest}.",
    ]


def speedup(report: Report, threads: int | None = None) -> Table:
    """The student's files against the baselines, with so many threads; None: all that were measured."""
    chosen = [one for one in report.speedups if threads in (None, one.threads)]
    order = list(words.BASELINES)
    baselines = sorted({(one.against, one.against_scheme) for one in chosen}, key=lambda b: (order.index(b[0]), b[1]))
    rows: dict[tuple[object, ...], dict[tuple[str, str], Speedup]] = {}
    for one in chosen:
        rows.setdefault((one.files, one.at, one.length, one.threads), {})[one.against, one.against_scheme] = one
    cells = []
    for by_baseline in rows.values():
        first = next(iter(by_baseline.values()))
        ratios = (by_baseline.get(baseline) for baseline in baselines)
        cells.append([
            name(first.files, first.format, first.scheme), at(first.length),
            *([str(first.threads)] if threads is None else []),
            *("" if one is None else words.ratio(one.ratio) for one in ratios),
        ])  # fmt: skip
    columns = ["file", "tokens", *(["threads"] if threads is None else [])]
    columns += [f"{words.BASELINES[model]}\n{scheme}" for model, scheme in baselines]
    title = "Times faster than" if threads is None else f"Times faster than, {words.threads(threads)}"
    return Table(title, columns, cells, [_speedup_note(baselines), words.conditions(report.latencies)])


def _speedup_note(baselines: Iterable[tuple[str, str]]) -> str:
    note = "Baseline's p50 over the file's, in the same engine with the same threads, length and rows, in one run."
    models = {model for model, _ in baselines}
    note += " teacher: this run's own." if "teacher" in models else ""
    return note + (" BERT-base: 12 layers of 768, random weights." if "bert-base" in models else "")


def at(length: int | None) -> str:
    """Where a latency was measured: a number of tokens, or the rows' own lengths."""
    return "own" if length is None else str(length)


def file_name(one: Latency) -> str:
    """What a row of a table is called."""
    if one.model == "student":
        return name(one.files, one.format, one.scheme)
    return f"{words.BASELINES.get(one.model, one.model)} {one.format} {one.scheme}"


def percentiles(one: Latency | None) -> str:
    """Median and ninth tenth of a latency, where there is one."""
    return "" if one is None else f"{words.ms(one.p50_ms)} / {words.ms(one.p90_ms)}"
