"""The converting stage: a trained student to fp32 files, and the answers that every file is held against."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import converters
from converters.artefact import Artefact
from converters.graph_spec import BERT, GraphSpec, Probability, Target
from converters.metadata import TextClassifier
from edgebert import console
from edgebert.files import atomic, read_json
from edgebert.models.load import load
from edgebert.models.model import Model
from edgebert.models.scores import ModelScores
from edgebert.recipes.options import ConvertOptions, Format
from edgebert.tasks import kinds
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.mediapipe import Splits
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.task import Task
from edgebert.tasks.tokens import TokenRows
from edgebert.tasks.vocabulary import wordpieces
from edgebert.training.predict import predict

USUAL: dict[Format, Target] = {"onnx": "onnx", "tflite": "litert"}
"""Whom the files of each format are for, unless a target is named."""


def convert(student: Path, task: Task, goldens: Sequence[Row], options: ConvertOptions, work: Path) -> list[Artefact]:
    """Write a student's fp32 files into ``work``, with its own logits beside them.

    Args:
        student: checkpoint folder.
        task: its dev rows are what files are scored on.
        goldens: texts that an app checks itself with.
        options: formats, lengths, output.
        work: the stage's folder; a killed call goes on in it. `reference-s32.npy` holds the student's logits of the
            dev rows cut at 32 tokens, float32 [rows, outputs], and `golden-s32.npy` those of ``goldens``. With the
            target "mediapipe" it gets `mediapipe.json`, see `edgebert.tasks.mediapipe.Splits`.
    """
    model, stem = load(student), _stem(ModelScores.load(student))
    write_references(model, task, student / "tokenizer.json", options.fixed_lengths, work, goldens)
    classifier = None
    if options.target == "mediapipe":
        classifier = _classifier(stem, task, student / "tokenizer.json")
        Splits.count(task.rows("dev"), student / "tokenizer.json", options.max_length).save(work)
    return write_files(model, stem, len(task.labels), options, work, kinds.get(task.kind).PROBABILITY, classifier)


def write_references(
    model: Model, task: Task, tokenizer: Path, lengths: Sequence[int], folder: Path, goldens: Sequence[Row] = ()
) -> None:
    """Write a student's own logits of the dev rows and of ``goldens`` at every length, see `convert`."""
    scratch = folder / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    wanted = {"reference": task.rows("dev")}
    if goldens:
        wanted["golden"] = Rows.write(scratch / "goldens.arrow", goldens)
    for length in lengths:
        encoder = TextEncoder(tokenizer, length)
        for name, rows in wanted.items():
            _write_logits(model, rows, encoder, len(task.labels), folder / f"{name}-s{length}.npy", scratch)


def write_files(
    model: Model,
    stem: str,
    outputs: int,
    options: ConvertOptions,
    folder: Path,
    probability: Probability | None = "softmax",
    classifier: TextClassifier | None = None,
) -> list[Artefact]:
    """Write a model's fp32 files and their list into ``folder``; those already there are left as they are.

    With ``classifier``, the files are for MediaPipe.
    """
    artefacts = []
    for format in console.track(options.file_formats, f"converting {stem}"):
        spec = GraphSpec(
            target="mediapipe" if classifier else USUAL[format],
            lengths=options.fixed_lengths if format == "tflite" else (),
            layout=options.file_layout if format == "tflite" else "files",
            inputs=BERT if classifier else model.graph_inputs,
            output=options.file_output,
            probability=probability,
            num_labels=outputs,
        )
        artefacts += converters.convert(model.deploy(spec), folder, stem, classifier)
    converters.save_list(artefacts, folder)
    return artefacts


def _classifier(stem: str, task: Task, tokenizer: Path) -> TextClassifier:
    words = wordpieces(read_json(tokenizer))
    assert words  # others are refused before any work, see `edgebert.tasks.mediapipe.check`
    return TextClassifier(
        name=stem,
        description=f"{task.name}: {', '.join(task.labels)}",
        vocabulary=tuple(words),
        labels=task.labels,
    )


def _stem(scores: ModelScores) -> str:
    """The student's name; a teacher shipped as it is keeps its own."""
    name = Path(scores.source.split(" (")[0]).name if scores.name == "none" else scores.name
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _write_logits(model: Model, rows: Rows, encoder: TextEncoder, classes: int, path: Path, scratch: Path) -> None:
    if path.exists():
        return
    tokens = TokenRows.write(scratch / f"{path.stem}.arrow", rows, encoder)
    logits = predict(
        lambda batch: model(batch).logits, tokens, encoder.pad_id, classes, exact=True, label="student's own answers"
    )
    with atomic(path) as temporary, temporary.open("wb") as file:
        np.save(file, logits)
