"""Smaller tables: the balance of labels, padding, operators, stages."""

from __future__ import annotations

from edgebert.report import words
from edgebert.report.report import Report
from edgebert.report.tables import Table

LABELS_SHOWN = 20


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
            words.change(check.max_probability_difference), "passed" if check.passed else "REJECTED",
        ]
        for check in checks
    ]  # fmt: skip
    columns = ["files", "rows", "padded to", "largest change", "gate"]
    note = (
        "largest change: of a probability, between any two lengths. fp32 files have to agree; a quantised one may "
        "scale its numbers by what the padding holds."
    )
    return Table("The same rows at several lengths", columns, rows, [note]) if rows else None


def operators(report: Report) -> Table | None:
    """Time by operator, of files whose engine can tell; None where none could."""
    of_file: dict[str, float] = {}
    for one in report.operators:
        of_file[one.file] = of_file.get(one.file, 0.0) + one.ms
    rows = [
        [one.file, one.operator, str(one.calls), words.ms(one.ms), f"{100 * one.ms / of_file[one.file]:.0f} %"]
        for one in sorted(report.operators, key=lambda one: (one.file, -one.ms))
    ]
    engines = words.listed(one.engine for one in report.operators)
    note = f"Of one call, as the engine's own profiler tells it ({engines}); being watched takes time too."
    return Table("Time by operator", ["file", "operator", "calls", "ms", "share"], rows, [note]) if rows else None


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
