"""What phones measured, each in tables of its own: never beside times of another machine."""

from __future__ import annotations

from edgebert.profile.phone import PhoneLatencies, PhoneLatency
from edgebert.report import words
from edgebert.report.report import Report
from edgebert.report.tables import Table
from edgebert.report.words import optional

PLAIN = "default"
"""What stands in the place of a delegate where none was asked for."""


def tables(report: Report) -> list[Table]:
    """For each phone the times of all files, then the operators of the first one."""
    return [table for phone in report.phones for table in (_times(phone), _operators(phone))]


def _times(of: PhoneLatencies) -> Table:
    rows = []
    for one in of.latencies:
        found = one.measured
        rows.append([
            one.file, str(one.length), str(one.threads), one.delegate or PLAIN,
            f"{words.ms(found.mean_ms)} ± {words.ms(found.std_ms)}",
            " / ".join(words.ms(ms) for ms in (found.p50_ms, found.p95_ms) if ms is not None),
            f"{words.ms(found.min_ms)} to {words.ms(found.max_ms)}", words.ms(found.open_ms + found.first_call_ms),
            optional(words.mebibytes, found.peak_memory_mb), _placed(one),
        ])  # fmt: skip
    columns = [
        "file", "tokens", "threads", "delegate", "mean ± std", "p50 / p95", "range", "cold", "MiB", "taken over",
    ]  # fmt: skip
    return Table(f"On {of.phone.name}, milliseconds a call", columns, rows, _notes(of))


def _placed(one: PhoneLatency) -> str:
    """How many operators a delegate took over: the one asked for, else whichever did."""
    if one.delegate is not None:
        return f"{one.nodes} of {one.of}" if one.of else str(one.nodes)
    return ", ".join(
        f"{placed.delegate.removeprefix('TfLite').removesuffix('Delegate')} {placed.nodes}"
        + (f" of {placed.of}" if placed.of else "")
        for placed in one.measured.placements
    )


def _notes(of: PhoneLatencies) -> list[str]:
    phone, calls = of.phone, min(one.measured.calls for one in of.latencies)
    heat = words.listed(one.after.thermal or "not told" for one in of.latencies)
    notes = [
        f"Measured on the phone by benchmark_model (sha256 {of.program_sha256[:12]}): {phone.name}, {phone.soc}, "
        f"Android {phone.android}, {phone.abi}; pinned to cores {of.mask} (taskset); batch 1, {calls} or more "
        f"calls each in a process of its own, without tokenising; thermal status after: {heat}.",
        "The tool tells no times of single calls: p50 and p95 are its own, empty where the build prints none, and "
        f"there are no other percentiles. delegate '{PLAIN}': what the engine does of itself. cold: opening and the "
        "first call. MiB: growth of the peak resident memory. taken over: operators that a delegate runs.",
    ]
    left = {(one.file, one.delegate): one.left_behind for one in of.latencies if one.left_behind}
    return notes + [
        f"{file}, {delegate}: the processor runs {', '.join(names)}." for (file, delegate), names in left.items()
    ]


def _operators(of: PhoneLatencies) -> Table:
    chosen = [one for one in of.latencies if one.delegate is None and one.threads == 1]
    rows = [
        [one.file, op.name, str(op.count), words.ms(op.ms), f"{100 * op.ms / sum(o.ms for o in one.operators):.0f} %"]
        for one in chosen
        for op in one.operators
    ]
    note = "With 1 thread and no delegate asked for, by benchmark_model's own profiler; being watched takes time too."
    return Table(f"Time by operator on {of.phone.name}", ["file", "operator", "count", "ms", "share"], rows, [note])
