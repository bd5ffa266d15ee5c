"""A board in tables: what suits each device, every file, the models."""

from __future__ import annotations

from edgebert.report import words
from edgebert.report.budget import said
from edgebert.report.compare.comparison import Board, Column, Comparison, Row, Time
from edgebert.report.tables import Table

BEST, FITS, MISSES = "★", "✓ ", "✗ "


def picks(found: Comparison, board: Board) -> Table:
    """For each device the file to take: of those within the budget, the one with the best score."""
    rows = []
    for k, column in enumerate(board.columns):
        fitting = [(row, time) for row in board.fitting(k) if (time := row.times[k]) and row.entry.score is not None]
        known = sum(row.times[k] is not None for row in board.rows)
        best = min(fitting, key=lambda one: (-(one[0].entry.score or 0.0), one[1].ms), default=None)
        chosen = ["no file fits", "", "", ""]
        if best:
            row, time = best
            ms, size = _ms(time), words.megabytes(row.entry.bytes)
            chosen = [f"{row.run}: {row.entry.label}", words.optional(words.points, row.entry.score), ms, size]
        rows.append([column.device, f"{column.basis}, {words.threads(column.threads)}", *chosen,
                     f"{len(fitting)} of {known}"])  # fmt: skip
    budget = f" within {said(found.budget, 'on each device')}" if found.budget.given else ""
    note = f"take: the file with the best {board.metric}{budget}. fit: files that do, of those with a time there."
    return Table("What suits which device", ["device", "time", "take", board.metric, "ms", "MB", "fit"], rows, [note])


def files(found: Comparison, board: Board) -> Table:
    """Every file of a board: whose, how good, how large, how fast on each device."""
    rows = [
        [
            f"{row.run}: {row.entry.name}",
            words.optional(words.points, row.entry.score),
            words.kept(row.entry.kept),
            words.optional(words.drop, row.entry.drop),
            _size(row),
            *_times(found, row),
            *_verdict(found, row),
        ]
        for row in board.rows
    ]
    columns = ["file", board.metric, "of teacher's", "drop", "MB", *map(_heading, board.columns)]
    columns += ["budget"] if found.budget.given else []
    return Table(title(board), columns, rows, _notes(found, board))


def narrow(found: Comparison, board: Board) -> Table:
    """The same for a terminal: the numbers to choose by."""
    rows = [
        [
            f"{row.run}: {row.entry.label}",
            words.optional(words.points, row.entry.score),
            words.optional(lambda percent: f"{percent:.1f}", row.entry.kept.percent if row.entry.kept else None),
            _size(row),
            *_times(found, row, with_interval=False),
            *(["fits" if found.fits(row) else "no"] if found.budget.given else []),
        ]
        for row in board.rows
    ]
    short = [f"[{k}] {column.basis} ms" for k, column in enumerate(board.columns, 1)]
    columns = ["file", board.metric, "kept %", "MB", *short, *(["budget"] if found.budget.given else [])]
    legend = [f"[{k}] {_heading(column)}" for k, column in enumerate(board.columns, 1)]
    return Table(title(board), columns, rows, [*legend, *_notes(found, board)])


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
    return Table(f"{title(board)}, in PyTorch", columns, rows)


def title(board: Board) -> str:
    """What is ranked."""
    return f"{board.task}: {board.metric} on {board.dev_rows} dev rows"


def _heading(column: Column) -> str:
    statistic = f"{column.statistic} " if column.basis == "measured" else ""
    return f"{column.device}, {words.threads(column.threads)}: {column.basis} {statistic}ms"


def _size(row: Row) -> str:
    return words.megabytes(row.entry.bytes) + (f" {BEST}" if row.best_by_size else "")


def _times(found: Comparison, row: Row, *, with_interval: bool = True) -> list[str]:
    """One cell a device: whether it fits, the time, whether nothing beats it."""
    cells = []
    for k, time in enumerate(row.times):
        mark = "" if found.budget.budget_ms is None else FITS if row.fits(k) else MISSES
        ms = "" if time is None else _ms(time) if with_interval else words.ms(time.ms)
        cells.append(f"{mark}{ms}{f' {BEST}' if time.best else ''}" if time else "")
    return cells


def _ms(time: Time) -> str:
    return words.ms(time.ms) + ("" if time.low_ms is None else f" ({words.optional(words.ms, time.low_ms)} to "
                                f"{words.optional(words.ms, time.high_ms)})")  # fmt: skip


def _verdict(found: Comparison, row: Row) -> list[str]:
    if not found.budget.given:
        return []
    if row.lacks:
        return ["; ".join(row.lacks)]
    if found.fits(row):
        fitting = sum(row.fits(k) for k in range(len(row.times)))
        several = found.budget.budget_ms is not None and len(row.times) > 1
        return [f"fits {fitting} of {len(row.times)} devices" if several else "fits"]
    return ["too slow" if any(row.times) else "not timed so"]


def _notes(found: Comparison, board: Board) -> list[str]:
    budget, latencies = found.budget, [row.entry.latency for row in board.rows if row.entry.latency]
    at = "the dev rows' own lengths" if budget.budget_length is None else f"{budget.budget_length} tokens"
    notes = [
        "drop: points that the file loses against its PyTorch student, texts cut alike. of teacher's, kept: percent of "
        f"the score of the run's own teacher; {words.INTERVAL} {BEST}: no other file that ships has a better score at "
        "less size, or at less time in that column."
    ]
    if latencies:
        notes.append(f"On machines: on {at}, where a file takes several; else at its own length. "
                     + words.conditions(latencies))  # fmt: skip
    elsewhere = "at its full length" if budget.budget_length is None else f"at {budget.budget_length} tokens"
    if any(column.statistic == "mean" for column in board.columns):
        notes.append(f"On phones: each file {elsewhere}, measured there by benchmark_model, which tells a mean.")
    if any(column.basis == "predicted" for column in board.columns):
        notes.append(
            f"Predicted, not measured: the file's operators {elsewhere} by the device's profile; in brackets where "
            "nine in ten measurements are expected. The middle is held against a budget."
        )
    if budget.given:
        notes.append(f"Budget: {said(budget, 'on each device')}.")
    return notes
