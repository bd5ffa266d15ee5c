"""What a report comes to, in four figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edgebert.recipes.options import BudgetOptions
from edgebert.report import words
from edgebert.report.entry import Entry, entries
from edgebert.report.report import Report
from edgebert.report.tables import model_name, retention


@dataclass(frozen=True)
class Figure:
    """A number, what it is, and what has to be known to read it."""

    what: str
    number: str
    unit: str
    notes: tuple[str, ...]


def verdict(report: Report) -> tuple[str, str]:
    """Whether the files pass, as a class of the style sheet and in words."""
    if report.scores is None:
        return "unknown", "No file was verified yet."
    count = len(report.rejected)
    if count:
        whole = sum(score.decides for score in (*report.scores.files, *report.scores.drivers))
        return "bad", f"{count} of {whole} files and sets failed."
    refused = words.listed(score.engine for score in report.scores.files if not (score.decides or score.passed))
    return "good", "Every file passed its gate" + (f"; some are refused for {refused}." if refused else ".")


def figures(report: Report) -> list[Figure]:
    """Score, the smallest file, the fastest, and the size of the model; those that are known."""
    return [*_score(report), *_files(report), *_model(report)]


def _score(report: Report) -> Iterator[Figure]:
    model = report.student
    if model and model.dev is not None:
        kept = retention(report) if report.student_name != "none" else ""
        rows = report.task.sizes["dev"] if report.task else model.rows.get("dev")
        interval = ", 95 % interval" if report.kept and kept else ""
        notes = [f"{model_name(model)} in PyTorch, {rows} dev rows"]
        if kept:
            notes.append(f"{kept} of the teacher's{interval}")
        yield Figure("Score", words.points(model.dev), model.metric, tuple(notes))


def _files(report: Report) -> Iterator[Figure]:
    found = [one for one in entries(report, BudgetOptions()) if one.passed]
    if not found:
        return
    smallest = min(found, key=lambda one: (one.bytes, -(one.score or 0)))
    yield Figure("Smallest", words.megabytes(smallest.bytes), "MB", _of(smallest))
    timed = [(one.latency, one) for one in found if one.latency and one.latency.at == "rows"]
    timed = timed or [(one.latency, one) for one in found if one.latency]
    if timed:
        latency, fastest = min(timed, key=lambda pair: pair[0].p50_ms)
        at = latency.conditions.length
        tokens = "the dev rows' own lengths" if at is None else f"{at} tokens"
        yield Figure(
            "Fastest", words.ms(latency.p50_ms), "ms",
            (*_of(fastest), f"p50 on {tokens}, 1 thread of {latency.conditions.processor}"),
        )  # fmt: skip


def _of(entry: Entry) -> tuple[str, ...]:
    return entry.name, f"{words.optional(words.points, entry.score)} {entry.metric}"


def _model(report: Report) -> Iterator[Figure]:
    model = report.student
    if model:
        number, unit = words.millions(model.parameters).split()
        macs = f"{words.millions(model.macs)} multiply-adds at {model.max_length} tokens" if model.macs else ""
        yield Figure("Parameters", number, unit, (macs,) if macs else ())
