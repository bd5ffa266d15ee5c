"""From a run to the bundle of what passed."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from converters.artefact import Artefact
from edgebert.bundle import card
from edgebert.bundle.folder import check, place, withdraw
from edgebert.bundle.golden import golden, golden_texts
from edgebert.bundle.manifest import (
    FILE,
    Asset,
    Entry,
    Licence,
    Manifest,
    Model,
    ModelFile,
    Quality,
    Runtime,
    RuntimeCheck,
    Tokenizer,
)
from edgebert.bundle.text_input import text_models
from edgebert.errors import GateError
from edgebert.files import read_json
from edgebert.report.report import FILE as REPORT
from edgebert.report.report import Report, TaskFacts
from edgebert.runtimes import LINEAGE
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.task import Task
from edgebert.tasks.vocabulary import wordpieces
from edgebert.verify.scores import FileScore, Scores

TOKENIZER, VOCABULARY, LABELS, GOLDEN = "tokenizer.json", "vocab.txt", "labels.txt", "golden.json"
UNKNOWN_LICENCE = "unknown: its model card names none; ask its authors before you ship"


def write(run_folder: Path, report: Report, folder: Path) -> Path:
    """Write the bundle of a run: files of the precisions asked for that passed, and all an app needs to use them.

    Args:
        run_folder: the run, verified.
        report: of that run.
        folder: of the bundle; what an earlier bundle left there and this one lacks is deleted, nothing else.

    Returns:
        ``folder``.

    Raises:
        GateError: if no file passed; an earlier bundle is withdrawn, so that nobody takes it for this run's.
        UserError: if reference logits are missing, or the folder cannot be written to.
    """
    facts, scores = report.task, report.scores
    if facts is None or scores is None or not report.shipped:
        withdraw(folder)
        raise GateError("There is no file to ship: none that was asked for passed its gate.", "See report.md for why.")
    tokenizer = run_folder / "student" / TOKENIZER
    goldens = golden(Task.load(run_folder / "task"), tokenizer, _golden_logits(run_folder / "converted"))
    assets: dict[str, bytes] = {
        TOKENIZER: tokenizer.read_bytes(),
        LABELS: "".join(f"{label}\n" for label in facts.labels).encode(),
        GOLDEN: json.dumps(goldens, ensure_ascii=False, allow_nan=False).encode(),
        REPORT: json.dumps(asdict(_untimed(report, scores)), ensure_ascii=False, allow_nan=False).encode(),
    }
    if words := wordpieces(read_json(tokenizer)):
        assets[VOCABULARY] = "".join(f"{word}\n" for word in words).encode()
    manifest = _manifest(report, facts, scores, assets, tokenizer)
    assets[card.FILE] = card.render(report, manifest).encode()
    manifest = replace(manifest, assets=tuple(_asset(path, content) for path, content in assets.items()))
    models: dict[str, Path] = {file.path: _find(run_folder, file.path) for file in report.shipped}
    with tempfile.TemporaryDirectory(prefix="edgebert-") as scratch:
        if report.text_input:
            rows, output = golden_texts(Task.load(run_folder / "task")), report.shipped[0].output.name
            made = tuple(text_models(models, report.text_input, tokenizer, output, rows, Path(scratch)))
            manifest = replace(manifest, text_models=made)
            models |= {one.path: Path(scratch) / one.path for one in made}
        text = json.dumps(manifest.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        place({**models, **assets, FILE: text.encode()}, folder)
    check(folder)
    return folder


def _manifest(
    report: Report, facts: TaskFacts, scores: Scores, assets: Mapping[str, bytes], tokenizer: Path
) -> Manifest:
    max_length = max(report.recipe["convert"]["lengths"])
    student, made = report.student, report.stage("converted")
    return Manifest(
        name=report.student_name,
        task=facts.name,
        kind=facts.kind,
        labels=facts.labels,
        has_pair=facts.has_pair,
        models=tuple(_models(report.shipped, scores)),
        tokenizer=Tokenizer(
            model=read_json(tokenizer)["model"]["type"],
            file=TOKENIZER,
            vocabulary=VOCABULARY if VOCABULARY in assets else None,
            max_length=max_length,
            truncation="longest_first",
            pad_id=TextEncoder(tokenizer, max_length).pad_id,
        ),
        golden=GOLDEN,
        report=REPORT,
        assets=tuple(_asset(path, content) for path, content in assets.items()),
        student={
            "metric": scores.metric,
            "value": student.dev if student else None,
            "parameters": student.parameters if student else None,
        },
        licences=tuple(_licences(report)),
        versions=made.versions if made else {},
        revision=made.revision if made else None,
    )


def _untimed(report: Report, scores: Scores) -> Report:
    """The report as far as it may be in an app: no rows of the user's, no paths, and nothing timed elsewhere."""
    recipe = {stage: report.recipe[stage] for stage in ("convert", "quantize", "verify")}
    of_runtimes: dict[str, Any] = {
        name: replace(found, examples=()) if found else None
        for name, found in (("mediapipe", report.mediapipe), ("text_input", report.text_input))
    }
    without = [tuple(replace(score, worst=()) for score in found) for found in (scores.files, scores.drivers)]
    return replace(
        report, source={}, recipe=recipe, sanity=None, latencies=(), speedups=(), operators=(), stages=(),
        augmented=None, scores=replace(scores, files=without[0], drivers=without[1]), **of_runtimes,
    )  # fmt: skip


def _models(shipped: tuple[Artefact, ...], scores: Scores) -> list[Model]:
    sets: dict[tuple[str, str], list[Artefact]] = {}
    for file in shipped:
        sets.setdefault((file.format, file.scheme), []).append(file)
    return sorted((_model(files, scores) for files in sets.values()), key=lambda one: sum(f.bytes for f in one.files))


def _model(files: list[Artefact], scores: Scores) -> Model:
    ordered = sorted(files, key=lambda file: file.length or 0)
    names = [file.path for file in ordered]
    # With a file of a set rejected, the rest was never measured as a set.
    everything = [score for score in (*scores.drivers, *scores.files) if score.decides]
    whole = [score for score in everything if sorted(score.files) == sorted(names)]
    first, score = ordered[0], scores.file(names[0])
    return Model(
        format=first.format,
        scheme=first.scheme,
        driver=first.driver,
        engine=score.engine,
        engine_version=score.engine_version,
        quantization=dict(first.quantization),
        output=first.output.name,
        lengths=tuple(length for file in ordered for length in file.lengths),
        quality=_quality(whole[0], scores) if whole else None,
        files=tuple(_file(file, scores) for file in ordered),
    )


def _file(file: Artefact, scores: Scores) -> ModelFile:
    checks = scores.checks(file.path)
    deciding = {score.length: score for score in checks if score.decides}
    return ModelFile(
        path=file.path,
        sha256=file.sha256,
        bytes=file.bytes,
        entries=tuple(
            Entry(
                signature=entry.signature,
                length=entry.length,
                inputs=entry.inputs,
                quality=_quality(deciding[entry.length], scores),
            )
            for entry in file.entries
        ),
        output=file.output,
        runtimes=tuple(
            RuntimeCheck(
                runtime=_runtime(score),
                length=score.length,
                value=score.metrics[scores.metric] if score.metrics else None,
                drop=score.drop,
                reasons=score.reasons,
            )
            for score in checks
        ),
        minimum_runtime=_oldest(file, checks),
    )


def _oldest(file: Artefact, checks: Sequence[FileScore]) -> Runtime:
    wrong = {score.engine for score in checks if not score.passed}
    right = [score for score in checks if score.engine not in wrong]
    return _runtime(min(right, key=lambda score: LINEAGE[file.format].index(score.engine)))


def _runtime(score: FileScore) -> Runtime:
    return Runtime(name=score.engine, version=score.engine_version)


def _quality(score: FileScore, scores: Scores) -> Quality:
    assert score.metrics and score.drop is not None  # a file that passed has run on all rows
    assert score.max_change is not None
    return Quality(
        metric=scores.metric,
        value=score.metrics[scores.metric],
        drop=score.drop,
        agreement=score.agreement,
        max_change=score.max_change,
        unit=scores.unit,
        rows=score.rows,
        cut_rows=score.cut_rows,
        cut_at=score.cut_at,
    )


def _asset(path: str, content: bytes) -> Asset:
    return Asset(path=path, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))


def _licences(report: Report) -> list[Licence]:
    teacher = report.teacher
    source = teacher.source if teacher else report.source["teacher"] or "unknown"
    licence = (teacher.licence if teacher else None) or UNKNOWN_LICENCE
    return [Licence(part="weights and vocabulary, which derive from the teacher", source=source, licence=licence)]


def _golden_logits(folder: Path) -> dict[int, npt.NDArray[np.float32]]:
    return {int(path.stem.removeprefix("golden-s")): np.load(path) for path in sorted(folder.glob("golden-s*.npy"))}


def _find(run_folder: Path, name: str) -> Path:
    return next(path for stage in ("converted", "quantized") if (path := run_folder / stage / name).is_file())
