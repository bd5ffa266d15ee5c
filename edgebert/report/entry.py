"""A file, a signature of one, or files or signatures used by length, with all that is known of it.

Budgets, charts and compare look at these; the runtime is the one that decided whether the file ships.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from edgebert.errors import UserError
from edgebert.profile.latency import Latency
from edgebert.profile.prediction import Prediction
from edgebert.recipes.options import BudgetOptions
from edgebert.report import words
from edgebert.report.report import Report
from edgebert.report.tables import score_name
from edgebert.verify.interval import Kept
from edgebert.verify.scores import FileScore

Timed = TypeVar("Timed")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What an app could take.

    Attributes:
        student: whose files these are.
        name: of the file or set in tables.
        files: the file, or the set.
        driver: how the file and its siblings are used.
        format: "onnx" or "tflite".
        scheme: precision.
        length: fixed token length; None for any length, and for a set.
        engine: the runtime that it was scored in, with its version.
        bytes: size of all files.
        metric: what the score is.
        score: on the dev rows, points; None if the file did not run.
        drop: the PyTorch student's score minus the file's.
        kept: percent of the teacher's score; None if not known.
        passed: whether it may ship: its gate passed, and its precision was asked for.
        latency: measured, under the conditions asked for; None if it was not measured so.
    """

    student: str
    name: str
    files: tuple[str, ...]
    driver: str
    format: str
    scheme: str
    length: int | None
    engine: str
    bytes: int
    metric: str
    score: float | None
    drop: float | None
    kept: Kept | None
    passed: bool
    latency: Latency | None

    @property
    def label(self) -> str:
        """A short name, beside a mark of a chart."""
        parts = [words.FORMATS.get(self.format, self.format), self.scheme]
        parts += [str(self.length)] if self.length else []
        used = {"by-length": ["by length"], "by-signature": ["by signature"]}.get(self.driver, [])
        return " ".join(parts + (used if self.length is None else []))


def entries(report: Report, conditions: BudgetOptions) -> tuple[Entry, ...]:
    """All files and sets of a report, those that failed as well; none before they are verified.

    Args:
        report: of a run.
        conditions: threads and tokens of the latency.

    Raises:
        UserError: if no file was timed with so many threads, or takes so many tokens.
    """
    if report.scores is None:
        return ()
    _check(report, conditions)
    student, metric = report.student, report.scores.metric
    shipped = {file.path for file in report.shipped}
    return tuple(
        Entry(
            student=report.student_name if student is None or student.name == "none" else student.name,
            name=score_name(score),
            files=score.files,
            driver=score.driver,
            format=score.format,
            scheme=score.scheme,
            length=score.length,
            engine=f"{score.engine} {score.engine_version}",
            bytes=score.bytes,
            metric=metric,
            score=(score.metrics or {}).get(metric),
            drop=score.drop,
            kept=score.kept_of_teacher,
            passed=score.passed and shipped.issuperset(score.files),
            latency=latency_of(report.latencies, score, conditions),
        )
        for score in (*report.scores.files, *report.scores.drivers)
        if score.decides
    )


def latency_of(latencies: Iterable[Latency], score: FileScore, conditions: BudgetOptions) -> Latency | None:
    """The latency of a file or set with so many threads, at so many tokens or on the rows' own lengths.

    At a number of tokens it is that of the shortest length which takes them. On the rows' own lengths it is that of
    the full length where there is one length only: every row is padded to it.
    """
    own = [
        one
        for one in latencies
        if (one.model, one.conditions.engine) == ("student", score.engine)
        and one.conditions.threads == conditions.budget_threads
        and set(one.files) <= set(score.files)
        and score.length in (None, one.conditions.length)  # of a file with several signatures, this one
    ]
    full = [one for one in own if one.conditions.length is not None]
    longest = at_length(full, lambda one: one.conditions.length or 0, conditions.budget_length)
    if conditions.budget_length is not None:
        return longest
    rows = [one for one in own if one.at == "rows" and len(one.files) == len(score.files)]
    return rows[0] if rows else longest if len(score.files) == 1 else None


def prediction_of(predictions: Iterable[Prediction], entry: Entry, conditions: BudgetOptions) -> Prediction | None:
    """What is predicted of a file or set, at the length that the budget is for or else at its full length."""
    own = [one for one in predictions if one.file in entry.files and entry.length in (None, one.length)]
    return at_length(own, lambda one: one.length, conditions.budget_length)


def at_length(found: Sequence[Timed], length: Callable[[Timed], int], wanted: int | None) -> Timed | None:
    """Of times at several lengths, that of the shortest which takes ``wanted`` tokens; the longest where it is None."""
    enough = [one for one in found if length(one) >= (wanted or 0)]
    if not enough:
        return None
    return max(enough, key=length) if wanted is None else min(enough, key=length)


def percentile(latency: Latency, share: int) -> float:
    """Milliseconds in which ``share`` percent of the calls are done: 50, 90 or 99."""
    return {50: latency.p50_ms, 90: latency.p90_ms, 99: latency.p99_ms}[share]


def _check(report: Report, conditions: BudgetOptions) -> None:
    own = [one.conditions for one in report.latencies if one.model == "student"]
    on_phones = {one.threads for phone in report.phones for one in phone.latencies}
    threads = sorted({c.threads for c in own} | on_phones)
    lengths = [c.length for c in own if c.length is not None]
    if own and conditions.budget_threads not in threads:
        counts = " and ".join(words.threads(count) for count in threads)
        raise UserError(
            f"--budget-threads {conditions.budget_threads}: the files were timed with {counts}.",
            f"Say --budget-threads {threads[0]}.",
        )
    if lengths and conditions.budget_length is not None and conditions.budget_length > max(lengths):
        raise UserError(
            f"--budget-length {conditions.budget_length}: no file takes more than {max(lengths)} tokens.",
            f"Say --budget-length {max(lengths)}, or convert with more --lengths.",
        )
