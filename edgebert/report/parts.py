"""Smaller tables: the balance of labels, padding, operators, stages."""

from __future__ import annotations

from collections.abc import Iterable

from edgebert.report import words
from edgebert.report.report import Report
from edgebert.report.tables import Table
from edgebert.runtimes.jobs import OperatorTime

LABELS_SHOWN = 20
SHARE_SHOWN = 0.01
"""Kinds of operator that take less of a call share a row."""


def balance(report: Report) -> Table | None:
    """Rows of each label in each split; None where rows have no labels to count."""
    counts = report.sanity.balance if report.sanity else {}
    names = list(next(iter(counts.values()), {}))
    if not names:
        return None
    rows = [
        [label, *(f"{of[label]} ({100 * of[label] / max(sum(of.values()), 1):.0f} %)" for of in counts.values())]
        for label in names[:LABELS_SHOWN]
    ]
    more = [f"The first {LABELS_SHOWN} of {len(names)} labels."] if len(names) > LABELS_SHOWN else []
    return Table("Rows of each label", ["label", *counts], rows, more)


def padding(report: Report) -> Table | None:
    """The same rows padded to several lengths; None where no file takes several."""
    checks = report.scores.padding if report.scores else ()
    rows = [
        [
            f"{words.FORMATS.get(check.format, check.format)} {check.scheme}", str(check.rows),
            ", ".join("unpadded" if length is None else str(length) for length in check.lengths),
            words.change(check.max_difference), "passed" if check.passed else "REJECTED",
        ]
        for check in checks
    ]  # fmt: skip
    columns = ["files", "rows", "padded to", "largest change", "gate"]
    note = (
        f"largest change: {report.scores.value if report.scores else ''}, between any two lengths. fp32 files have to "
        "agree; a quantised one may scale its numbers by what the padding holds."
    )
    return Table("The same rows at several lengths", columns, rows, [note]) if rows else None


def operators(report: Report) -> Table | None:
    """Time by operator, of files whose engine can tell; None where none could."""
    told = [(of, of.operators) for of in report.operators if of.operators]
    rows = [[of.file, *cells] for of, every in told for cells in _shares(every)]
    silent = words.listed(of.engine for of in report.operators if of.operators is None)
    engines = words.listed(f"{of.engine} {of.engine_version}" for of, _ in told)
    notes = [
        f"Of one call at {of.length} tokens with 1 thread, the mean of {of.calls}, as the engine's own profiler tells "
        f"it ({engines}); being watched takes time too."
        + (f" The Python package of {silent} tells none." if silent else "")
        for of, _ in told[:1]
    ]
    return Table("Time by operator", ["file", "operator", "count", "ms", "share"], rows, notes) if rows else None


def _shares(operators: Iterable[OperatorTime]) -> list[list[str]]:
    """Name, count, milliseconds and share of each kind; the small ones together, as the last."""
    operators = list(operators)
    total = sum(one.ms for one in operators)
    small = [one for one in operators if one.ms < SHARE_SHOWN * total]
    shown = [one for one in operators if one not in small]
    if small:
        kinds = f"{len(small)} more kind{'s' if len(small) > 1 else ''}"
        shown.append(OperatorTime(kinds, sum(one.count for one in small), sum(one.ms for one in small)))
    return [[one.name, str(one.count), words.ms(one.ms), f"{100 * one.ms / total:.0f} %"] for one in shown]


def stages(report: Report) -> Table:
    """How long each stage took, on which machine, by which code."""
    rows = [
        [
            one.name,
            f"{one.seconds:.1f}",
            one.revision or "",
            words.machine(one.machine["processor"], one.machine["cores"]),
        ]
        for one in report.stages
    ]
    return Table("Stages", ["stage", "seconds", "revision", "machine"], rows)
