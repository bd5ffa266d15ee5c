"""What files keep of the scores of the student and of the teacher, all on the same draws of the dev rows."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from edgebert.errors import UserError
from edgebert.verify.interval import Bootstrap, Kept, Resampled

if TYPE_CHECKING:
    from edgebert.verify.dev import Dev

TEACHER = "logits-dev.npy"


class Retention:
    """Resampled scores of the teacher and of the student at each cut, made once.

    Args:
        dev: the dev rows.
        teacher: folder of the teacher's `logits-dev.npy`; None: nothing is held against a teacher.
    """

    def __init__(self, dev: Dev, teacher: Path | None) -> None:
        self._dev, self._teacher_folder, self._students = dev, teacher, dict[int, Resampled]()
        metric = dev.kind.METRIC
        self._bootstrap = Bootstrap(lambda logits, gold: dev.kind.scores(logits, gold)[metric], dev.targets)

    def of_file(self, logits: np.ndarray, cut_at: int) -> tuple[Kept | None, Kept | None]:
        """What a file with these logits [rows, labels] keeps of the student's score at its cut, and of the teacher's.

        Raises:
            UserError: if the teacher's logits are not of these rows.
        """
        file = self._bootstrap.scores(logits)
        return self._bootstrap.kept(file, self._student(cut_at)), self._of_teacher(file)

    def of_student(self) -> Kept | None:
        """What the PyTorch student keeps of the teacher's score, texts cut at the longest length."""
        return self._of_teacher(self._student(self._dev.max_length))

    def _of_teacher(self, ours: Resampled) -> Kept | None:
        return None if self._teacher is None else self._bootstrap.kept(ours, self._teacher)

    def _student(self, cut_at: int) -> Resampled:
        if cut_at not in self._students:
            self._students[cut_at] = self._bootstrap.scores(self._dev.reference(cut_at))
        return self._students[cut_at]

    @cached_property
    def _teacher(self) -> Resampled | None:
        if self._teacher_folder is None:
            return None
        path, shape = self._teacher_folder / TEACHER, self._dev.reference(self._dev.max_length).shape
        if not path.is_file():
            raise UserError(f"{path} is not there: the teacher's answers to the dev rows.", "Run: edgebert finetune")
        logits = np.load(path)
        if logits.shape != shape:
            raise UserError(
                f"{path} is {logits.shape}, not the teacher's answers {shape} to these dev rows.",
                "Run: edgebert finetune",
            )
        return self._bootstrap.scores(logits)
