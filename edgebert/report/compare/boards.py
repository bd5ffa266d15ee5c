"""Verified reports side by side: which may be ranked together, and which files nothing beats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edgebert.recipes.options import BudgetOptions
from edgebert.report import pareto
from edgebert.report.budget import lacks
from edgebert.report.compare.columns import times
from edgebert.report.compare.comparison import Board, Column, Comparison, Row, Side, Time
from edgebert.report.compare.differences import reasons, warnings
from edgebert.report.entry import Entry, entries
from edgebert.report.report import Report


def comparison(reports: dict[str, Report], budget: BudgetOptions) -> Comparison:
    """Put verified reports side by side.

    Raises:
        UserError: if a report was not timed under the budget's conditions.
    """
    boards: dict[tuple[object, ...], dict[str, Report]] = {}
    for name, report in reports.items():
        boards.setdefault(_key(report), {})[name] = report
    return Comparison(
        budget=budget,
        boards=tuple(_board(members, budget) for members in boards.values()),
        reasons=reasons(list(boards.values())),
    )


def _key(report: Report) -> tuple[object, ...]:
    assert report.task and report.scores
    return (report.scores.metric, report.task.kind, report.scores.rows, report.dev_sha256)


def _board(reports: dict[str, Report], budget: BudgetOptions) -> Board:
    first = next(iter(reports.values()))
    assert first.task and first.scores
    found = [
        (name, entry, times(report, entry, budget))
        for name, report in reports.items()
        for entry in entries(report, budget)
    ]
    found.sort(key=lambda one: _best_first(one[1]))
    columns = sorted(dict.fromkeys(column for *_, own in found for column in own), key=lambda one: one.basis)
    rows = [
        Row(run=run, entry=entry, lacks=tuple(lacks(entry, budget)), times=tuple(own.get(one) for one in columns))
        for run, entry, own in found
    ]
    return Board(
        task=first.task.name,
        metric=first.scores.metric,
        dev_rows=first.scores.rows,
        dev_sha256=first.dev_sha256,
        sides=tuple(_side(name, report) for name, report in reports.items()),
        columns=tuple(columns),
        rows=_with_fronts(rows, columns),
        warnings=tuple(warnings(reports, rows)),
    )


def _with_fronts(rows: Sequence[Row], columns: Sequence[Column]) -> tuple[Row, ...]:
    """The rows, those marked that nothing beats in score and size, or in score and time in a column."""
    by_size = _front(rows, [row.entry.bytes for row in rows])
    by_time = [_front(rows, [time.ms if (time := row.times[k]) else None for row in rows]) for k in range(len(columns))]

    def marked(i: int) -> tuple[Time | None, ...]:
        return tuple(
            replace(time, best=i in front) if time else None for time, front in zip(rows[i].times, by_time, strict=True)
        )

    return tuple(replace(row, times=marked(i), best_by_size=i in by_size) for i, row in enumerate(rows))


def _best_first(entry: Entry) -> tuple[bool, float, int]:
    """By score, and by size where scores are equal; what did not run comes last."""
    return entry.score is None, -(entry.score or 0.0), entry.bytes


def _front(rows: Sequence[Row], costs: Sequence[float | None]) -> set[int]:
    """Places of the shipped rows that no other one beats in both cost and score; rows without a cost are left out."""
    points = [
        (i, (cost, row.entry.score))
        for i, (row, cost) in enumerate(zip(rows, costs, strict=True))
        if cost is not None and row.entry.score is not None and row.entry.passed
    ]
    return {points[k][0] for k in pareto.front([point for _, point in points])}


def _side(run: str, report: Report) -> Side:
    student, teacher = report.student, report.teacher
    return Side(
        run=run,
        student=report.student_name,
        score=student.dev if student else None,
        kept=report.kept,
        teacher=teacher.source if teacher else None,
        teacher_score=teacher.dev if teacher else None,
        parameters=student.parameters if student else None,
        macs=student.macs if student else None,
        max_length=student.max_length if student else None,
    )
