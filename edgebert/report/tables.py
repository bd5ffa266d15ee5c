"""What the report says of models and files, as tables that any rendering can print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edgebert.models.scores import ModelScores
from edgebert.report import words
from edgebert.report.report import Report
from edgebert.report.words import optional
from edgebert.verify.scores import FileScore, Scores


@dataclass(frozen=True)
class Table:
    """A table and what has to be known to read it.

    Attributes:
        title: one line.
        columns: headings; the first column is text, the others are numbers.
        rows: cells.
        notes: conditions of the numbers, full sentences.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


def models(report: Report) -> Table:
    """Teacher against student, in PyTorch."""
    known = models_of(report)
    rows = [
        [
            f"{model_name(model)} ({model.architecture})",
            words.millions(model.parameters),
            optional(words.millions, model.macs),
            optional(words.points, model.dev),
            retention(report) if model is report.student else "",
        ]
        for model in known
    ]
    columns = ["PyTorch, fp32", "parameters", "multiply-adds", known[0].metric, "kept"]
    shown = len(columns) if len(known) > 1 else -1
    notes = [_dev_note(report, known[0]), *(_origin(model) for model in known)]
    if report.kept and len(known) > 1:
        notes.insert(1, f"kept: percent of the teacher's score; {words.INTERVAL}")
    return Table("Models", columns[:shown], [row[:shown] for row in rows], notes)


def retention(report: Report) -> str:
    """What the student keeps of the teacher's score, in PyTorch; with its interval once there is one."""
    return words.kept(report.kept) if report.kept else optional(lambda kept: f"{kept:.1f} %", report.retention)


def models_of(report: Report) -> list[ModelScores]:
    """Teacher and student, as far as they are there; with the student "none" they are one and the same model."""
    models = [report.student] if report.student_name == "none" and report.student else [report.teacher, report.student]
    return [model for model in models if model]


def model_name(model: ModelScores) -> str:
    """What a model is called in tables."""
    return "your model" if model.name == "none" else model.name


def converted(report: Report) -> Table:
    """The fp32 files."""
    rows = [[f.path, _tokens(f.lengths), words.megabytes(f.bytes)] for f in report.files if f.scheme == "fp32"]
    notes = [words.splits(report.mediapipe)] if report.mediapipe else []
    notes += [words.text_input(report.text_input)] if report.text_input else []
    return Table(_title(report, "converted"), ["file", "tokens", "MB"], rows, notes)


def quantized(report: Report) -> Table:
    """The fp32 files against the smaller ones made of them."""
    whole = {(f.format, f.length): f.bytes for f in report.files if f.scheme == "fp32"}
    rows = [
        [f.path, words.megabytes(before), words.megabytes(f.bytes), words.ratio(before / f.bytes)]
        for f in report.files
        if f.scheme != "fp32" and (before := whole[f.format, f.length])
    ]
    notes = [words.choice(choice) for choice in report.choices]
    return Table(_title(report, "quantized"), ["file", "fp32 MB", "MB", "smaller"], rows, notes)


def proof(report: Report) -> Table:
    """What each file answers, against the student."""
    scores = scores_of(report)
    rows = [
        [
            score_name(score),
            optional(words.points, _student(scores, score)),
            optional(words.points, (score.metrics or {}).get(scores.metric)),
            optional(words.drop, score.drop),
            optional(words.percent, score.agreement),
            optional(words.change, score.max_change),
            verdict(score),
        ]
        for score in (*scores.files, *scores.drivers)
    ]
    columns = ["file", "student", "file's", "change", "agree %", "diff.", "gate"]
    return Table(f"{_title(report, 'verified')}: {scores.metric}, student and file", columns, rows, proof_notes(report))


def proof_notes(report: Report) -> list[str]:
    """How the files were scored."""
    scores = scores_of(report)
    everything = (*scores.files, *scores.drivers)
    engines = words.listed(f"{score.engine} {score.engine_version}" for score in everything)
    cut = {score.cut_at: score.cut_rows for score in everything}
    cuts = ", ".join(f"{rows} at {at} tokens" for at, rows in sorted(cut.items()))
    notes = [
        f"{scores.metric} in points on {scores.rows} dev rows, every file in its own engine ({engines}), against the "
        f"PyTorch student with texts cut at the same length (rows cut: {cuts}). agree: rows with the student's answer. "
        f"diff.: largest difference on any row in {scores.value}.",
        f"Gates: an int8 file may lose {scores.max_drop:g} of 100 points, an fp16 file {scores.fp16_max_drop:g}; an "
        f"fp32 file agrees on every row, with no difference above {scores.fp32_tolerance:g}.",
    ]
    if report.student and report.student.vocabulary:
        notes.append(report.student.vocabulary.sentence)
    if report.mediapipe:
        notes.append(words.splits(report.mediapipe))
    if report.text_input:
        notes.append(words.text_input(report.text_input))
    notes += [words.asked(check) for check in scores.mediapipe]
    for check in scores.padding:
        lengths = ", ".join("unpadded" if length is None else str(length) for length in check.lengths)
        notes.append(
            f"{check.format} {check.scheme}: {check.rows} rows at different lengths ({lengths}) differ by at most "
            f"{words.change(check.max_difference)} in {scores.value}."
        )
    return notes


def worst(report: Report) -> Table:
    """The rows that quantised, or failing, files change most."""
    scores = scores_of(report)
    labels = report.task.labels if report.task else ()
    rows = []
    for score in (*scores.drivers, *(one for one in scores.files if one.driver == "single" or not one.passed)):
        if score.scheme == "fp32" and score.passed:
            continue
        for one in score.worst:
            text = one.text if one.pair is None else f"{one.text} | {one.pair}"
            shown = words.shortened(text)
            biggest = max(range(len(labels)), key=lambda i, w=one: abs(w.file[i] - w.student[i]))  # type: ignore[misc]
            rows.append([
                shown, score_name(score), one.label or "", labels[biggest],
                words.change(one.student[biggest]), words.change(one.file[biggest]),
            ])  # fmt: skip
    columns = ["text", "file", "label", "answer for", "student", "file's"]
    return Table("Worst sentences", columns, rows, ["The dev rows whose answers change most."])


def verdict(score: FileScore) -> str:
    """One word for a gate."""
    return "passed" if score.passed else "REJECTED" if score.decides else "refused"


def score_name(score: FileScore) -> str:
    """What a scored file is called: with its length where it is one of several in a file, and another runtime."""
    parts = [name(score.files, score.format, score.scheme)]
    if score.driver == "by-signature" and score.length is not None:
        parts.append(f"at {score.length}")
    return " ".join(parts) + ("" if score.decides else f", {score.engine}")


def name(files: Sequence[str], format: str, scheme: str) -> str:
    """What a row of a table is called: a file, or a set of files used by length."""
    return files[0] if len(files) == 1 else f"{format} {scheme} by length"


def scores_of(report: Report) -> Scores:
    """What verify found."""
    if report.scores is None:
        raise ValueError("the files of this run have not been verified")
    return report.scores


def _student(scores: Scores, score: FileScore) -> float | None:
    return scores.student.get(score.cut_at, {}).get(scores.metric)


def _tokens(lengths: Sequence[int]) -> str:
    return ", ".join(map(str, lengths)) or "any"


def _title(report: Report, stage: str) -> str:
    record = report.stage(stage)
    return f"{stage} in {record.seconds:.0f} s" if record else stage


def _dev_note(report: Report, model: ModelScores) -> str:
    rows: Any = report.task.sizes["dev"] if report.task else model.rows.get("dev", "the")
    return f"{model.metric} in points on {rows} dev rows, texts cut at {model.max_length} tokens, as for multiply-adds."


def _origin(model: ModelScores) -> str:
    parts = [f"from {model.source}"]
    if model.init:
        parts.append(f"init {model.init}")
    if model.seconds is None:
        parts.append("taken as it is")
    else:
        parts.append(f"trained {model.seconds:.0f} s" + (f", {model.steps} steps" if model.steps else ""))
        parts.append(f"seed {model.seed}")
    if model.untrained_select is not None and model.select is not None:
        before, after = words.points(model.untrained_select), words.points(model.select)
        parts.append(
            f"{model.metric} on the {model.rows['select']} selection rows {before} before training, {after} after"
        )
    return f"{model_name(model)}: {'; '.join(parts)}."
