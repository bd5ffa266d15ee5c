"""What every engine is given: the model, its plain ONNX export, and rows of tokens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import shapes
from benchmarks.peers.engine import CALIBRATION_ROWS, Job
from benchmarks.peers.setting import Setting
from converters.quiet import quiet
from edgebert.files import atomic, read_json, write_json
from edgebert.recipes.options import DataOptions, Source
from edgebert.runtimes.token_file import TokenFile
from edgebert.tasks import kinds, prepare
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.task import Task

OPSET = 17


@dataclass(frozen=True)
class Inputs:
    """Of a family.

    Attributes:
        job: what engines make their files of.
        rows: folder of the `TokenFile` that engines are timed and scored on.
        task: its dev rows have the gold labels; None where weights are random.
    """

    job: Job
    rows: Path
    task: Task | None

    def score(self, logits: np.ndarray) -> float | None:
        """Points of the task's metric of the first rows' logits [rows, labels]; None where weights are random."""
        if self.task is None:
            return None
        kind = kinds.get(self.task.kind)
        return float(kind.scores(logits, self.task.rows("dev").targets[: len(logits)])[kind.METRIC])


def prepared(checkpoint: Path, setting: Setting, folder: Path) -> Inputs:
    """Export a checkpoint and tokenise its rows; what is there stays.

    Args:
        checkpoint: of a sequence classifier, with its `tokenizer.json`.
        setting: its table, lengths and threads; texts are cut at the last length.
        folder: where it all goes.
    """
    encoder = TextEncoder(checkpoint / "tokenizer.json", setting.lengths[-1])
    task = _builtin(folder / "builtin")
    count = len(task.rows("dev"))
    chosen = {int(place) for place in np.linspace(0, count - 1, CALIBRATION_ROWS)}
    _write_tokens(folder / "calibration", encoder, task, sorted(chosen))
    if setting.table is None:
        _write_tokens(folder / "rows", encoder, task, [row for row in range(count) if row not in chosen])
    else:
        task = _task(checkpoint, setting, encoder, setting.table, folder / "task")
        _write_tokens(folder / "rows", encoder, task, [*range(len(task.rows("dev")))])
    return Inputs(_export(checkpoint, setting, folder), folder / "rows", task if setting.trained else None)


def _builtin(folder: Path) -> Task:
    if not folder.exists():
        with atomic(folder) as temporary:
            shapes.write_dev_rows(temporary).save()
    return Task.load(folder)


def _task(checkpoint: Path, setting: Setting, encoder: TextEncoder, table: Path, folder: Path) -> Task:
    """The table's rows, their labels in the order of the checkpoint's outputs where these mean them."""
    labels = None
    if setting.trained:
        names = read_json(checkpoint / "config.json")["id2label"]
        labels = tuple(names[str(output)] for output in range(len(names)))
    return prepare(
        Source(dev=str(table)), DataOptions(), folder, labels=labels, encoder=encoder, lengths=setting.lengths
    )


def _write_tokens(folder: Path, encoder: TextEncoder, task: Task, places: list[int]) -> None:
    if not folder.exists():
        rows = task.rows("dev")
        with atomic(folder) as temporary:
            TokenFile.write(temporary, encoder.encode([rows[place] for place in places]), encoder.pad_id)


def _export(checkpoint: Path, setting: Setting, folder: Path) -> Job:
    record, onnx = folder / "export.json", folder / "model.onnx"
    if not record.exists():
        write_json(record, _export_now(checkpoint, onnx))
    found = read_json(record)
    return Job(
        checkpoint=checkpoint, onnx=onnx, inputs=tuple(found["inputs"]), lengths=setting.lengths,
        calibration=folder / "calibration", classes=found["classes"], threads=setting.threads,
    )  # fmt: skip


def _export_now(checkpoint: Path, onnx: Path) -> dict[str, Any]:
    """Write the plain ONNX export, by torch's tracing exporter: its successor's graphs cannot be quantised."""
    import torch
    import transformers

    from benchmarks.peers.modules import logits_module
    from edgebert.models.load import load

    model = load(checkpoint)
    classes = hasattr(transformers, type(model.model).__name__)
    axes = {name: {0: "batch", 1: "length"} for name in model.graph_inputs} | {"logits": {0: "batch"}}
    sample = tuple(torch.ones(2, 8, dtype=torch.int64) for _ in model.graph_inputs)
    with quiet(), torch.no_grad():
        torch.onnx.export(
            logits_module(checkpoint, classes), sample, str(onnx), input_names=list(model.graph_inputs),
            output_names=["logits"], dynamic_axes=axes, opset_version=OPSET, dynamo=False,
        )  # fmt: skip
    return {"inputs": model.graph_inputs, "classes": classes}
