"""Beside what others printed, or on a processor that is emulated."""

from __future__ import annotations

from benchmarks.views.result import Result
from edgebert.report import words
from edgebert.report.tables import Table


def claims(result: Result) -> Table:
    """The papers' speed-ups, printed, measured here, predicted there."""
    busy = f"Other processes used up to {result['others_busy']:.0%} of the cores while files were timed."
    return Table("Speed-ups that papers print", result["columns"], result["rows"], [*result["notes"], busy])


def published(result: Result) -> Table:
    """Published latencies beside what is predicted of rows that were not fitted on."""
    rows = [
        [
            f"{one['device']}, {one['model']} {one['dtype']}", one["kind"],
            f"{one['published_ms']:g}" + (" (memory)" if one["verified"] == "memory" else ""),
            words.ms(one["predicted_ms"]), f"{100 * one['error']:+.0f} %",
        ]
        for one in result["rows"]
    ]  # fmt: skip
    factors, claim = result["factors"], result["claim"]
    noted = words.listed(f"{one['model']} on {one['device']}: {one['note']}" for one in result["rows"] if one["note"])
    notes = [
        "Published by others, see `device_profiles/published.csv`; predicted from files of the same models that "
        "edgebert exports today, leaner graphs than those of 2020. The peak is the chip's specification; large "
        f"products reach {100 * factors['efficiency']:.0f} % of it by {' and '.join(result['efficiency_from'])}; "
        f"elements take {factors['elements']:.1f} times and operators {factors['operators']:.1f} times the usual "
        f"by the transformer rows. Both rows of the {claim['printed']:.1f}x left out, it is predicted as "
        f"{claim['predicted']:.1f}x. {noted}.",
    ]
    columns = ["row", "", "published ms", "predicted ms", "error"]
    return Table("Published rows", columns, rows, notes)


def arm(result: Result) -> Table:
    """A row a file, with its largest difference on each processor."""
    files = result["files"]
    processors = list(dict.fromkeys(one["processor"] for one in files))
    rows = []
    for name in dict.fromkeys(one["file"] for one in files):
        found = {one["processor"]: one for one in files if one["file"] == name}
        first = found[processors[0]]
        cells = [
            cell
            for one in (found[processor] for processor in processors)
            for cell in (f"{one['max_difference']:.1e}", words.optional("{:.0f}".format, one["agreement"]))
        ]
        rows.append([name, first["engine"], str(first["texts"]), *cells])
    notes = [
        f"{result['student']} on {result['task']}: each file's outputs in the engine's arm64 build for Linux, emulated "
        f"by {result['emulator']}, 1 thread, against the same version here; the largest difference of an output over "
        "the bundle's goldens, and the percentage of them with the same answer. Emulation says nothing of speed.",
    ]
    columns = [column for name in processors for column in (f"{name} largest difference", "same answer %")]
    return Table("On arm64", ["file", "engine", "texts", *columns], rows, notes)
