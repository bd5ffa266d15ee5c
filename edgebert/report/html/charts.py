"""Which points each chart of a report shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from markupsafe import Markup

from edgebert.profile.latency import At, Latency
from edgebert.recipes.options import BudgetOptions
from edgebert.report import pareto, words
from edgebert.report.entry import Entry, entries
from edgebert.report.html.scatter import Line, Mark, Scatter
from edgebert.report.report import Report

FORMAT_SHAPES = {"tflite": "circle", "onnx": "square"}
THREADS = 1


def schemes(report: Report) -> dict[str, str]:
    """The colour of each precision, a class of the style sheet."""
    names = dict.fromkeys(file.scheme for file in report.files)
    return {scheme: f"c{i % 7}" for i, scheme in enumerate(names)}


def by_latency(report: Report, place: At) -> Markup | None:
    """Score against the time of a call, at full length or on the rows' own lengths; None where nothing was timed so."""
    own = _at(report, "student", place)
    timed = [(entry, ms) for entry in _entries(report) if (ms := _ms(entry, own, place)) is not None]
    where = "at the file's full length" if place == "length" else "on the dev rows' own lengths"
    return _scatter(
        report,
        timed,
        [(one.format, one.p50_ms) for one in _teacher(report, place)],
        [Line(one.p50_ms, "BERT-base") for one in _bert_base(report, place)],
        title=f"Score and time, {where}",
        x_label=f"milliseconds a call, p50, {words.threads(THREADS)} (log)",
        unit=lambda x: f"{words.ms(x)} ms",
    )


def _ms(entry: Entry, own: Sequence[Latency], place: At) -> float | None:
    """The time of a file or a signature at its length, or of files or signatures used by length on the rows' own."""
    of = [one for one in own if one.files == entry.files]
    if entry.length is not None:
        of = [one for one in of if place == "length" and one.conditions.length == entry.length]
    return of[0].p50_ms if len(of) == 1 else None


def by_size(report: Report) -> Markup | None:
    """Score against the size of a file, or of all files of a set."""
    sized = [(entry, entry.bytes / 1e6) for entry in _entries(report)]
    teacher = {one.format: one.bytes / 1e6 for one in _teacher(report, "length")}
    return _scatter(
        report,
        sized,
        list(teacher.items()),
        [Line(one.bytes / 1e6, "BERT-base") for one in _bert_base(report, "length")],
        title="Score and size",
        x_label="megabytes (log); a set of files counts as a whole",
        unit=lambda x: f"{x:.1f} MB",
    )


def _scatter(
    report: Report,
    found: Sequence[tuple[Entry, float]],
    teacher: Iterable[tuple[str, float]],
    lines: Sequence[Line],
    *,
    title: str,
    x_label: str,
    unit: Callable[[float], str],
) -> Markup | None:
    colours = schemes(report)
    shown = [(entry, x, entry.score) for entry, x in found if entry.score is not None]
    if not shown:
        return None
    metric = shown[0][0].metric
    marks = [
        Mark(
            x, y, entry.label, f"{entry.name}: {words.points(y)} {metric}, {unit(x)}"
            + ("" if entry.passed else ", does not ship"), FORMAT_SHAPES.get(entry.format, "circle"),
            colours[entry.scheme] + ("" if entry.passed else " out"),
        )
        for entry, x, y in shown
    ]  # fmt: skip
    passed = [(i, (x, y)) for i, (entry, x, y) in enumerate(shown) if entry.passed]
    front = [passed[k][0] for k in pareto.front([point for _, point in passed])]
    if report.teacher and report.teacher.dev is not None and report.student_name != "none":
        y = report.teacher.dev
        marks += [
            Mark(x, y, f"teacher {words.FORMATS.get(format, format)}",
                 f"teacher, fp32 {format}: {words.points(y)} {metric} in PyTorch, {unit(x)}", "diamond", "teacher")
            for format, x in teacher
        ]  # fmt: skip
    return Scatter(title, x_label, metric, marks, front, lines, unit).svg()


def _entries(report: Report) -> tuple[Entry, ...]:
    return entries(replace(report, latencies=()), BudgetOptions())


def _at(report: Report, model: str, place: At) -> list[Latency]:
    return [
        one
        for one in report.latencies
        if (one.model, one.at, one.conditions.threads, one.basis) == (model, place, THREADS, "measured")
    ]


def _teacher(report: Report, place: At) -> list[Latency]:
    return [one for one in _at(report, "teacher", place) if one.scheme == "fp32"]


def _bert_base(report: Report, place: At) -> list[Latency]:
    """The faster of BERT-base's fp32 files: its weights are random, so it has a time and a size, and no score."""
    found = [one for one in _at(report, "bert-base", place) if one.scheme == "fp32"]
    return [min(found, key=lambda one: one.p50_ms)] if found else []
