"""The rows that knowledge is transferred on: train, unlabelled, augmented; tokenised, the teacher's logits beside."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import numpy as np

from edgebert.augment.result import ROWS
from edgebert.models.evaluate import Evaluation
from edgebert.models.load import load
from edgebert.tasks.rows import Rows
from edgebert.tasks.task import Task
from edgebert.tasks.tokens import TokenRows
from edgebert.training.predict import predict

TOKENS, LOGITS = "tokens.arrow", "teacher-logits.npy"


def transfer(task: Task, teacher: Path, augmented: Path | None, max_length: int, work: Path) -> None:
    """Write the transfer rows and the teacher's logits into ``work``; a killed call goes on in it.

    Args:
        task: its train and unlabelled rows are used.
        teacher: the teacher's checkpoint folder.
        augmented: folder of the augmented rows, if there are any.
        max_length: where texts are cut, in tokens.
        work: the stage's folder.
    """
    evaluation = Evaluation(task, max_length, work / "scratch")
    splits = [task.rows(name) for name in ("train", "unlabelled") if task.sizes.get(name)]
    if augmented is not None:
        splits.append(Rows.open(augmented / ROWS))
    path = work / TOKENS
    if not path.exists():
        rows = Rows.write(work / "scratch" / "transfer.arrow", chain(*splits))
        TokenRows.write(path, rows, evaluation.encoder)
    tokens = TokenRows.open(path)
    model = load(teacher)
    predict(
        lambda batch: model(batch).logits, tokens, evaluation.pad_id, len(task.labels),
        out=work / LOGITS, label="teacher's logits",
    )  # fmt: skip


def open_transfer(folder: Path) -> tuple[TokenRows, np.ndarray]:
    """What `transfer` wrote: tokenised rows, and logits float32 [rows, outputs]."""
    return TokenRows.open(folder / TOKENS), np.load(folder / LOGITS, mmap_mode="r")
