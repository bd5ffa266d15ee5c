"""Several reports in one object: boards of files that may be ranked, with a column of times for each device."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from edgebert.recipes.options import BudgetOptions
from edgebert.report.entry import Entry
from edgebert.verify.interval import Kept

SCHEMA = 2


@dataclass(frozen=True, kw_only=True)
class Column:
    """Times that may stand under each other: of one device, one way of knowing them.

    Attributes:
        device: a machine or phone in words, or the name of a device profile; with the delegate, if one was asked for.
        basis: measured there, or predicted for it.
        statistic: what the times are: "p90", "mean", or "typical" for a prediction.
        threads: of the engine.
    """

    device: str
    basis: Literal["measured", "predicted"]
    statistic: str
    threads: int


@dataclass(frozen=True, kw_only=True)
class Time:
    """What a call of a file or set takes in a column.

    Attributes:
        ms: milliseconds.
        low_ms: of a prediction, nine in ten measurements are expected above; None for a measurement.
        high_ms: likewise below.
        fits: whether it is within the budget; True where there is none for times.
        best: whether no other shipped file of the board is better in both score and time in this column.
    """

    ms: float
    low_ms: float | None = None
    high_ms: float | None = None
    fits: bool
    best: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """A file or set of one of the reports.

    Attributes:
        run: which report it is of.
        entry: the file or set.
        lacks: why it fits nowhere, whatever the device: too large, too short, does not ship.
        times: one for each of the board's columns; None where there is none.
        best_by_size: whether no other shipped one of the board is better in both score and size.
    """

    run: str
    entry: Entry
    lacks: tuple[str, ...]
    times: tuple[Time | None, ...]
    best_by_size: bool = False

    def fits(self, column: int) -> bool:
        """Whether it is for the device of a column."""
        time = self.times[column]
        return not self.lacks and time is not None and time.fits


@dataclass(frozen=True, kw_only=True)
class Side:
    """The models of one of the reports.

    Attributes:
        run: which report.
        student: its name.
        score: the student's dev score in PyTorch; None if not known.
        kept: percent of the teacher's; None if not known.
        teacher: the checkpoint that the teacher came from.
        teacher_score: its dev score.
        parameters: of the student.
        macs: multiply-adds of the student for one text at the longest length.
        max_length: the longest length, tokens.
    """

    run: str
    student: str
    score: float | None
    kept: Kept | None
    teacher: str | None
    teacher_score: float | None
    parameters: int | None
    macs: int | None
    max_length: int | None


@dataclass(frozen=True, kw_only=True)
class Board:
    """Reports whose scores may be ranked: same task, metric and dev rows.

    Attributes:
        task: name of the task.
        metric: what the scores are.
        dev_rows: how many rows they were scored on.
        dev_sha256: digest of these rows.
        sides: the models of each of its reports.
        columns: the devices, those that measured first.
        rows: files and sets of all its reports, the best score first.
        warnings: conditions that differ between its reports, in words.
    """

    task: str
    metric: str
    dev_rows: int
    dev_sha256: str | None
    sides: tuple[Side, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    warnings: tuple[str, ...]

    def fitting(self, column: int) -> list[Row]:
        """Files and sets for the device of a column, the best score first."""
        return [row for row in self.rows if row.fits(column)]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Several reports.

    Attributes:
        budget: what an app can afford, and the conditions of all measured times here.
        boards: one for each set of reports whose scores may be ranked.
        reasons: why there is more than one board.
    """

    budget: BudgetOptions
    boards: tuple[Board, ...]
    reasons: tuple[str, ...]

    def fits(self, row: Row) -> bool:
        """Whether a file is within the budget, on one of the devices at least where the budget is for time."""
        if self.budget.budget_ms is None:
            return not row.lacks
        return any(row.fits(column) for column in range(len(row.times)))

    @property
    def fitting(self) -> list[Row]:
        """Files and sets that ship and fit the budget."""
        return [row for board in self.boards for row in board.rows if self.fits(row)]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"schema": SCHEMA, **asdict(self)}
