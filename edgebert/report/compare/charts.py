"""A board in drawings: score against the time on each device, and against size."""

from __future__ import annotations

from collections.abc import Sequence

from edgebert.report import words
from edgebert.report.compare.comparison import Board, Comparison, Row
from edgebert.report.html.charts import FORMAT_SHAPES
from edgebert.report.html.scatter import Line, Mark, Scatter

COLOURS = 7


def runs(found: Comparison) -> dict[str, str]:
    """The colour of each run, a class of the style sheet."""
    names = dict.fromkeys(row.run for board in found.boards for row in board.rows)
    return {name: f"c{i % COLOURS}" for i, name in enumerate(names)}


def drawn(found: Comparison, board: Board) -> list[str]:
    """Score against time, one drawing a device, then against size; a run has a colour."""
    charts = []
    for k, column in enumerate(board.columns):
        timed = [(row, time.ms, time.best) for row in board.rows if (time := row.times[k])]
        title = f"Score and time {'predicted for' if column.basis == 'predicted' else 'on'} {column.device}"
        statistic = "predicted" if column.basis == "predicted" else column.statistic
        label = f"milliseconds a call, {statistic}, {words.threads(column.threads)} (log)"
        limit = [] if found.budget.budget_ms is None else [Line(found.budget.budget_ms, "budget")]
        charts.append(_chart(found, board, timed, title, label, "ms", limit))
    sized = [(row, row.entry.bytes / 1e6, row.best_by_size) for row in board.rows]
    limit = [] if found.budget.budget_mb is None else [Line(found.budget.budget_mb, "budget")]
    charts.append(_chart(found, board, sized, "Score and size", "megabytes (log)", "MB", limit))
    return [chart for chart in charts if chart]


def _chart(
    found: Comparison,
    board: Board,
    costs: Sequence[tuple[Row, float, bool]],
    title: str,
    x_label: str,
    unit: str,
    lines: Sequence[Line],
) -> str:
    colours = runs(found)
    shown = [
        (
            Mark(
                cost, row.entry.score, f"{row.run} {row.entry.label}",
                f"{row.run}, {row.entry.name}: {words.points(row.entry.score)} {board.metric}, {cost:.3g} {unit}",
                FORMAT_SHAPES.get(row.entry.format, "circle"),
                colours[row.run] + ("" if row.entry.passed else " out"),
            ),
            on_front,
        )
        for row, cost, on_front in costs
        if row.entry.score is not None
    ]  # fmt: skip
    if not shown:
        return ""
    marks = [mark for mark, _ in shown]
    front = sorted((i for i, (_, on_front) in enumerate(shown) if on_front), key=lambda i: marks[i].x)
    return Scatter(title, x_label, board.metric, marks, front, lines, lambda x: f"{x:.3g} {unit}").svg()
