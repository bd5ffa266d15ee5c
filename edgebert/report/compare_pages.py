"""A comparison on the terminal, in Markdown, and as one page."""

from __future__ import annotations

from collections.abc import Sequence

from edgebert import console
from edgebert.report import markdown as md
from edgebert.report import terminal, words
from edgebert.report.budget import said
from edgebert.report.compare import Board, Comparison, Row
from edgebert.report.html import fill
from edgebert.report.html.charts import FORMAT_SHAPES
from edgebert.report.html.scatter import Mark, Scatter
from edgebert.report.tables import Table

COLOURS = 7


def show(found: Comparison) -> None:
    """Print it."""
    for reason in found.reasons:
        console.warn(reason)
    for board in found.boards:
        for warning in board.warnings:
            console.warn(warning)
        terminal.show(narrow(found, board))


def markdown(found: Comparison) -> str:
    """It as a Markdown page."""
    parts = ["# Comparison", *(f"- {md.cell(reason)}" for reason in found.reasons)]
    for board in found.boards:
        parts += [f"## {md.cell(_title(board))}", *(f"- {md.cell(warning)}" for warning in board.warnings)]
        parts += [md.table(table(found, board)), md.table(students(board))]
    return "\n\n".join(parts) + "\n"


def html(found: Comparison) -> str:
    """It as one page that needs no network."""
    return fill(
        "compare.html.jinja",
        {"found": found, "files": table, "students": students, "charts": charts, "runs": runs, "said": said},
    )


def runs(found: Comparison) -> dict[str, str]:
    """The colour of each run, a class of the style sheet."""
    names = dict.fromkeys(row.run for board in found.boards for row in board.rows)
    return {name: f"c{i % COLOURS}" for i, name in enumerate(names)}


def students(board: Board) -> Table:
    """The models of a board's runs."""
    rows = [
        [
            f"{side.run}: {side.student}",
            words.optional(words.millions, side.parameters),
            words.optional(words.millions, side.macs),
            words.optional(str, side.max_length),
            words.optional(words.points, side.score),
            words.optional(words.points, side.teacher_score),
            words.kept(side.kept),
        ]
        for side in board.sides
    ]
    columns = ["student", "parameters", "multiply-adds", "tokens", board.metric, "teacher's", "kept"]
    return Table(f"{_title(board)}, in PyTorch", columns, rows)


def table(found: Comparison, board: Board) -> Table:
    """Every file of a board: whose, how good, how large, how fast."""
    share, given, several = found.budget.budget_percentile, found.budget.given, len(_machines(board)) > 1
    rows = [
        [
            f"{row.run}: {entry.name}",
            words.optional(words.points, entry.score),
            words.kept(entry.kept),
            words.optional(words.drop, entry.drop),
            words.megabytes(entry.bytes),
            words.optional(words.ms, row.fit.ms),
            *([row.machine or ""] if several else []),
            _best(row),
            *(["; ".join(row.fit.lacks) or "fits"] if given else []),
        ]
        for row in board.rows
        for entry in [row.fit.entry]
    ]
    columns = ["file", board.metric, "of teacher's", "drop", "MB", f"p{share} ms", *(["machine"] if several else []),
               "best by", *(["budget"] if given else [])]  # fmt: skip
    return Table(_title(board), columns, rows, _notes(found, board))


def narrow(found: Comparison, board: Board) -> Table:
    """The same for a terminal: the numbers to choose by."""
    rows = [
        [
            f"{row.run}: {entry.label}",
            words.optional(words.points, entry.score),
            words.optional(lambda percent: f"{percent:.1f}", entry.kept.percent if entry.kept else None),
            words.megabytes(entry.bytes),
            words.optional(words.ms, row.fit.ms),
            _best(row),
            *(["no" if row.fit.lacks else "fits"] if found.budget.given else []),
        ]
        for row in board.rows
        for entry in [row.fit.entry]
    ]
    columns = ["file", board.metric, "kept %", "MB", f"p{found.budget.budget_percentile} ms", "best by"]
    columns += ["budget"] if found.budget.given else []
    return Table(_title(board), columns, rows, _notes(found, board))


def charts(found: Comparison, board: Board) -> list[str]:
    """Score against time, one drawing a machine, then against size; a run has a colour."""
    share = found.budget.budget_percentile
    drawn = [
        _chart(
            found, board, [(row, row.fit.ms) for row in board.rows if row.machine == machine and row.fit.ms],
            [row.best_by_time for row in board.rows if row.machine == machine and row.fit.ms],
            f"Score and time on {machine}", f"milliseconds a call, p{share} (log)", "ms",
        )
        for machine in _machines(board)
    ]  # fmt: skip
    sized = [(row, row.fit.entry.bytes / 1e6) for row in board.rows]
    best = [row.best_by_size for row in board.rows]
    drawn.append(_chart(found, board, sized, best, "Score and size", "megabytes (log)", "MB"))
    return [one for one in drawn if one]


def _chart(
    found: Comparison,
    board: Board,
    costs: Sequence[tuple[Row, float]],
    best: Sequence[bool],
    title: str,
    x_label: str,
    unit: str,
) -> str:
    colours = runs(found)
    shown = [
        (
            Mark(
                cost, row.fit.entry.score, f"{row.run} {row.fit.entry.label}",
                f"{row.run}, {row.fit.entry.name}: {words.points(row.fit.entry.score)} {board.metric}, "
                f"{cost:.3g} {unit}",
                FORMAT_SHAPES.get(row.fit.entry.format, "circle"),
                colours[row.run] + ("" if row.fit.entry.passed else " out"),
            ),
            on_front,
        )
        for (row, cost), on_front in zip(costs, best, strict=True)
        if row.fit.entry.score is not None
    ]  # fmt: skip
    if not shown:
        return ""
    marks = [mark for mark, _ in shown]
    front = sorted((i for i, (_, on_front) in enumerate(shown) if on_front), key=lambda i: marks[i].x)
    return Scatter(title, x_label, board.metric, marks, front, (), lambda x: f"{x:.3g} {unit}").svg()


def _best(row: Row) -> str:
    return " ".join(word for word, best in (("time", row.best_by_time), ("size", row.best_by_size)) if best)


def _machines(board: Board) -> list[str]:
    return list(dict.fromkeys(row.machine for row in board.rows if row.machine))


def _title(board: Board) -> str:
    return f"{board.task}: {board.metric} on {board.dev_rows} dev rows"


def _notes(found: Comparison, board: Board) -> list[str]:
    budget = found.budget
    at = "the dev rows' own lengths" if budget.budget_length is None else f"{budget.budget_length} tokens"
    notes = [
        "drop: points that the file loses against its PyTorch student, texts cut alike. of teacher's, kept: percent of "
        f"the score of the run's own teacher; {words.INTERVAL} best by: no other file that ships has a better score at "
        "less time (on the same machine), or at less size."
    ]
    latencies = [row.fit.entry.latency for row in board.rows if row.fit.entry.latency]
    if latencies:
        notes.append(
            f"ms: {words.threads(budget.budget_threads)}, on {at}, where a file takes several; else at its own length. "
            + words.conditions(latencies)
        )
    if budget.given:
        notes.append(f"Budget: {said(budget)}.")
    return notes
