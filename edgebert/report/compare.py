"""`edgebert compare`: several reports side by side, as far as their numbers may stand side by side.

Scores are ranked where metric and dev rows are the same, times where the machine is the same too. Reports that differ
in the first get boards of their own, with the reason; machines get fronts of their own on one board.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgebert import console
from edgebert.errors import GateError, UserError
from edgebert.files import atomic, write_json
from edgebert.recipes.options import BudgetOptions
from edgebert.report import pareto, words
from edgebert.report.budget import Fit, judge, said
from edgebert.report.entry import entries
from edgebert.report.report import FILE, Report
from edgebert.verify.interval import Kept

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Row:
    """A file or set of one of the reports.

    Attributes:
        run: which report it is of.
        fit: the file or set, against the budget.
        best_by_time: whether no other shipped one of the board on the same machine is better in both score and time.
        best_by_size: whether no other shipped one of the board is better in both score and size.
    """

    run: str
    fit: Fit
    best_by_time: bool
    best_by_size: bool

    @property
    def machine(self) -> str | None:
        """Where it was timed; None if it was not."""
        latency = self.fit.entry.latency
        return words.machine(latency.conditions.processor, latency.conditions.cores) if latency else None


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
        rows: files and sets of all its reports, the best score first.
        warnings: conditions that differ between its reports, in words.
    """

    task: str
    metric: str
    dev_rows: int
    dev_sha256: str | None
    sides: tuple[Side, ...]
    rows: tuple[Row, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Several reports.

    Attributes:
        budget: what an app can afford, and the conditions of all times here.
        boards: one for each set of reports whose scores may be ranked.
        reasons: why there is more than one board.
    """

    budget: BudgetOptions
    boards: tuple[Board, ...]
    reasons: tuple[str, ...]

    @property
    def fitting(self) -> list[Row]:
        """Files and sets that ship and fit the budget."""
        return [row for board in self.boards for row in board.rows if not row.fit.lacks]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"schema": SCHEMA, **asdict(self)}


def compare(
    paths: Sequence[Path],
    budget: BudgetOptions | None = None,
    *,
    json: Path | None = None,
    markdown: Path | None = None,
    html: Path | None = None,
) -> Comparison:
    """Compare reports: on the terminal, and in the files that are named.

    Args:
        paths: run folders or `report.json` files, two or more.
        budget: what an app can afford; its threads, tokens and percentile are those of the times shown.
        json: file for programs.
        markdown: file for people.
        html: likewise, one page that needs no network.

    Raises:
        UserError: if there are fewer than two, one is no report, or one cannot be compared.
        GateError: if there is a budget and no file fits it; all is written all the same.
    """
    from edgebert.report import compare_pages as pages

    found = comparison(load(paths), budget or BudgetOptions())
    pages.show(found)
    if json:
        write_json(json, found.to_dict())
    for path, render in ((markdown, pages.markdown), (html, pages.html)):
        if path:
            with atomic(path) as temporary:
                temporary.write_text(render(found), encoding="utf-8")
    written = [str(path) for path in (json, markdown, html) if path]
    if written:
        console.say(f"written: {', '.join(written)}")
    if found.budget.given and not found.fitting:
        raise GateError(
            f"No file of these reports fits the budget: {said(found.budget)}.", "See what each lacks above."
        )
    return found


def load(paths: Sequence[Path]) -> dict[str, Report]:
    """Reports under names that tell them apart: the folder's, with as much of its path as that takes.

    Raises:
        UserError: if there are fewer than two, the same one twice, or one that is no report or was not verified.
    """
    if len(paths) < 2:
        raise UserError("compare takes two reports or more.", "For example: edgebert compare run-a/ run-b/")
    files = [(path / FILE if path.is_dir() else path).resolve() for path in paths]
    if twice := [str(path) for path, count in Counter(files).items() if count > 1]:
        raise UserError(f"{twice[0]} was named twice.")
    reports = {name: Report.load(file) for name, file in zip(_names(files), files, strict=True)}
    for name, report in reports.items():
        if report.scores is None or report.task is None:
            raise UserError(
                f"The files of {name} have not been verified.", "Run: edgebert verify, then edgebert report"
            )
    return reports


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
        reasons=_reasons(list(boards.values())),
    )


def _key(report: Report) -> tuple[object, ...]:
    assert report.task and report.scores
    return (report.scores.metric, report.task.kind, report.scores.rows, report.dev_sha256)


def _board(reports: dict[str, Report], budget: BudgetOptions) -> Board:
    first = next(iter(reports.values()))
    assert first.task and first.scores
    rows = [
        Row(run=name, fit=fit, best_by_time=False, best_by_size=False)
        for name, report in reports.items()
        for fit in judge(entries(report, budget), budget)
    ]
    rows.sort(
        key=lambda row: (-(row.fit.entry.score if row.fit.entry.score is not None else -1e9), row.fit.entry.bytes)
    )
    by_size = _front(rows, [row.fit.entry.bytes for row in rows])
    by_time: set[int] = set()
    for machine in dict.fromkeys(row.machine for row in rows):
        by_time |= _front(rows, [row.fit.ms if row.machine == machine else None for row in rows])
    return Board(
        task=first.task.name,
        metric=first.scores.metric,
        dev_rows=first.scores.rows,
        dev_sha256=first.dev_sha256,
        sides=tuple(_side(name, report) for name, report in reports.items()),
        rows=tuple(
            Row(run=row.run, fit=row.fit, best_by_time=i in by_time, best_by_size=i in by_size)
            for i, row in enumerate(rows)
        ),
        warnings=tuple(_warnings(reports, rows)),
    )


def _best_first(row: Row) -> tuple[bool, float, int]:
    """By score, and by size where scores are equal; what did not run comes last."""
    entry = row.fit.entry
    return entry.score is None, -(entry.score or 0.0), entry.bytes


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


def _front(rows: Sequence[Row], costs: Sequence[float | None]) -> set[int]:
    """Places of the shipped rows that no other one beats in both cost and score; rows without a cost are left out."""
    points = [
        (i, (cost, row.fit.entry.score))
        for i, (row, cost) in enumerate(zip(rows, costs, strict=True))
        if cost is not None and row.fit.entry.score is not None and row.fit.entry.passed
    ]
    return {points[k][0] for k in pareto.front([point for _, point in points])}


def _warnings(reports: dict[str, Report], rows: Sequence[Row]) -> list[str]:
    """What differs between reports of one board."""
    found = []
    machines = dict.fromkeys(row.machine for row in rows if row.machine)
    if len(machines) > 1:
        found.append(f"Timed on different machines ({'; '.join(machines)}): each has a front of its own.")
    versions: dict[str, set[str]] = {}
    for row in rows:
        engine, version = row.fit.entry.engine.rsplit(" ", 1)
        versions.setdefault(engine, set()).add(version)
    for engine, several in versions.items():
        if len(several) > 1:
            found.append(f"Different versions of {engine}: {', '.join(sorted(several))}.")
    teachers = {report.teacher.source: None for report in reports.values() if report.teacher}
    if len(teachers) > 1:
        found.append(f"Different teachers ({', '.join(teachers)}): what is kept is of each run's own.")
    untimed = dict.fromkeys(row.run for row in rows if row.fit.ms is None)
    if len(untimed):
        found.append(f"Not timed under these conditions: some files of {', '.join(untimed)}.")
    return found


def _reasons(boards: Sequence[dict[str, Report]]) -> tuple[str, ...]:
    """Why reports are not ranked together, each board against the first."""
    found = []
    (first_name, first), *others = [next(iter(board.items())) for board in boards]
    for name, other in others:
        assert first.scores and other.scores
        if first.scores.metric != other.scores.metric:
            why = f"one has {first.scores.metric}, the other {other.scores.metric}"
        elif first.scores.rows != other.scores.rows:
            why = f"one was scored on {first.scores.rows} dev rows, the other on {other.scores.rows}"
        elif first.dev_sha256 is None or other.dev_sha256 is None:
            why = "one does not say which dev rows it was scored on; edgebert report writes it anew"
        else:
            why = "they were scored on different dev rows"
        found.append(f"{first_name} and {name} are not ranked together: {why}.")
    return tuple(found)


def _names(files: Sequence[Path]) -> list[str]:
    """A name for each report: its folder's, or its own where it is not called `report.json`."""
    whole = [file.parent if file.name == FILE else file.with_suffix("") for file in files]
    for parts in range(1, max(len(path.parts) for path in whole) + 1):
        names = ["/".join(path.parts[-parts:]) for path in whole]
        if len(set(names)) == len(names):
            return names
    return [str(file) for file in files]
