"""The two tables that say it all: one for a terminal, one for a page."""

from __future__ import annotations

from edgebert.profile.latency import At, Latency
from edgebert.report import words
from edgebert.report.report import Report
from edgebert.report.speed import at, latency_notes, percentiles
from edgebert.report.tables import Table, model_name, models_of, proof_notes, retention, score_name, scores_of, verdict
from edgebert.report.words import optional
from edgebert.verify.scores import FileScore


def overview(report: Report) -> Table:
    """Models, and the files that passed, in one narrow table: size, score, time, times faster."""
    scores = scores_of(report)
    rows = [
        [f"{model_name(model)}, PyTorch", "", optional(words.points, model.dev), "", "", "", ""]
        for model in models_of(report)
    ]
    for score in (*scores.files, *scores.drivers):
        if score.decides and not report.failing.intersection(score.files):
            one = _own(report, score, "length") or _own(report, score, "rows")
            rows.append([
                score_name(score), words.megabytes(score.bytes),
                optional(words.points, (score.metrics or {}).get(scores.metric)),
                at(one.conditions.length) if one else "", words.ms(one.p50_ms) if one else "",
                _faster(report, one, "teacher"), _faster(report, one, "bert-base"),
            ])  # fmt: skip
    columns = ["", "MB", scores.metric, "tokens", "ms", "teacher\n/ file", "BERT-base\n/ file"]
    kept = f", {retention(report)} of the teacher's score kept in PyTorch" if len(models_of(report)) > 1 else ""
    shown = [0, *(i for i in range(1, len(columns)) if any(row[i] for row in rows))]
    rows = [[row[i] for i in shown] for row in rows]
    return Table(f"{scores.rows} dev rows{kept}", [columns[i] for i in shown], rows, _notes(report))


def files(report: Report) -> Table:
    """All files with all that was measured of them."""
    scores = scores_of(report)
    counts = sorted({one.conditions.threads for one in report.latencies})
    rows = []
    for score in (*scores.files, *scores.drivers):
        memory = [one.peak_memory_mb for place in PLACES if (one := _own(report, score, place))]
        rows.append([
            score_name(score), words.megabytes(score.bytes),
            optional(words.points, (score.metrics or {}).get(scores.metric)), optional(words.drop, score.drop),
            words.kept(score.kept_of_teacher), optional(words.percent, score.agreement),
            optional(words.change, score.max_change),
            *(percentiles(_own(report, score, "length", count)) for count in counts),
            *(percentiles(_own(report, score, "rows", count)) for count in counts[:1]),
            optional(words.mebibytes, memory[0] if memory else None), verdict(score),
        ])  # fmt: skip
    columns = [
        "file", "MB", scores.metric, "against student", "of the teacher's", "agree %", "largest difference",
        *(f"ms, {words.threads(count)}" for count in counts),
        *(f"ms, {words.threads(count)}, own lengths" for count in counts[:1]), "peak MiB", "gate",
    ]  # fmt: skip
    notes = [*proof_notes(report), *(words.choice(choice) for choice in report.choices)]
    if report.kept:
        notes.append(f"of the teacher's: percent of the teacher's score; {words.INTERVAL}")
    if report.latencies:
        notes += [f"ms: p50 / p90 of a call at the file's own length, {_any_length(report)}.", *latency_notes(report)]
    return Table("Files", columns, rows, notes)


PLACES: tuple[At, At] = ("length", "rows")


def _own(report: Report, score: FileScore, place: At, threads: int = 1) -> Latency | None:
    """The latency of a scored file or set in the runtime that it was timed in."""
    if (score.file is None) if place == "length" else (score.length is not None):
        return None
    for one in report.latencies:
        key = (one.model, one.at, one.conditions.engine, one.conditions.threads, sorted(one.files))
        length = one.conditions.length if score.length else None
        if (*key, length) == ("student", place, score.engine, threads, sorted(score.files), score.length):
            return one
    return None


def _faster(report: Report, own: Latency | None, against: str) -> str:
    """How many times faster than the fp32 file of a baseline."""
    for one in report.speedups if own else ():
        key = (one.files, one.at, one.threads, one.against, one.against_scheme)
        if own and key == (own.files, own.at, own.conditions.threads, against, "fp32"):
            return words.ratio(one.ratio)
    return ""


def _notes(report: Report) -> list[str]:
    if not report.latencies:
        return ["No file was timed yet: edgebert profile."]
    ratios = (
        " teacher / file: times faster than the teacher's fp32 file, and BERT-base's, in the same engine, threads, "
        "length and rows."
    )
    return [
        f"ms: p50 with 1 thread; tokens 'own': on the dev rows' own lengths; {_any_length(report)}."
        + (ratios if report.speedups else ""),
        words.conditions([one for one in report.latencies if one.conditions.threads == 1]),
    ]


def _any_length(report: Report) -> str:
    longest = max((one.conditions.length or 0 for one in report.latencies), default=0)
    return f"files of any length at {longest} tokens"
