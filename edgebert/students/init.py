"""Where a student starts: random weights, a checkpoint of its own shape, or its teacher's weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModel

from edgebert import console
from edgebert.errors import UserError
from edgebert.models.evaluate import Evaluation
from edgebert.models.huggingface import HuggingFaceModel
from edgebert.recipes.options import DistillOptions
from edgebert.students import architecture
from edgebert.students.layer_map import layer_map
from edgebert.students.transplant import Start
from edgebert.teachers.checkpoint import look
from edgebert.training.batches import Batch, BatchRows, Collate

SAMPLE = 512
"""Rows on which the importance of the teacher's units is measured."""


def initialise(
    student: HuggingFaceModel, teacher: HuggingFaceModel, options: DistillOptions, evaluation: Evaluation
) -> Start:
    """Give ``student`` its first weights.

    Returns:
        Which teacher layer each student layer answers to and, for a student taken out of its teacher, which
        residual dimensions it kept.

    Raises:
        UserError: if the start that was asked for does not go with this student or teacher.
    """
    _warn_if_larger(student, teacher, options.student)
    layers = layer_map(options.layer_map, student.depth, teacher.depth)
    if options.init == "checkpoint":
        _load_encoder(student, Path(str(options.init_checkpoint)))
    if options.init != "teacher":
        return Start(layers, None)
    return architecture(options.student).start(student, teacher, layers, lambda: _sample(evaluation))


def _warn_if_larger(student: HuggingFaceModel, teacher: HuggingFaceModel, name: str) -> None:
    if student.depth > teacher.depth or student.width > teacher.width:
        console.warn(
            f"--student {name} ({student.depth} layers of {student.width}) is larger than its teacher "
            f"({teacher.depth} of {teacher.width}): its rows tell of latency and of files that answer as it does, not "
            "of how much of a teacher a student of that size keeps."
        )


def _sample(evaluation: Evaluation) -> list[Batch]:
    rows = evaluation.tokens("train")
    places = np.random.default_rng(0).permutation(len(rows))[:SAMPLE]
    items, collate = BatchRows(rows), Collate(evaluation.pad_id)
    return [collate([items[int(i)] for i in places[at : at + 64]]) for at in range(0, len(places), 64)]


def _load_encoder(student: HuggingFaceModel, folder: Path) -> None:
    """Copy the encoder of a checkpoint of the same shape; its head, if any, belongs to another task."""
    look(str(folder))
    source = AutoModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    encoder: Any = student.model.base_model
    own = encoder.state_dict()
    theirs = source.state_dict()
    wrong = [k for k, v in own.items() if k in theirs and theirs[k].shape != v.shape]
    missing = [k for k in own if k not in theirs and "pooler" not in k and "position_ids" not in k]
    if wrong or missing:
        name = (wrong or missing)[0]
        shapes = f"{tuple(theirs[name].shape)} against {tuple(own[name].shape)}" if wrong else "it is missing"
        raise UserError(
            f"--init-checkpoint {folder} has not the student's shape: {name}: {shapes}.",
            "Choose the --student of that checkpoint's size, or another start.",
        )
    encoder.load_state_dict(theirs, strict=False)
