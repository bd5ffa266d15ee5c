"""The dev rows, and what the student itself answers: all that a file is held against."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edgebert.errors import GateError, UserError
from edgebert.files import read_json
from edgebert.runtimes.token_file import TokenFile
from edgebert.runtimes.tokenised import BATCH_ROWS, Tokenised
from edgebert.tasks import kinds
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.task import Task
from edgebert.verify.retention import Retention

PADDING_ROWS = 32


class Dev:
    """Dev rows of a task, tokenised at each cut as files are fed with them.

    Args:
        task: the task.
        student: folder of the student's checkpoint, for its `tokenizer.json`.
        references: folder of `reference-s<L>.npy`: the student's logits for texts cut at L tokens.
        lengths: token lengths, ascending; files of any length take texts cut at the last.
        scratch: where tokens are kept meanwhile.
        teacher: folder of the teacher's `logits-dev.npy`; None where nothing is held against the teacher.
    """

    def __init__(
        self,
        task: Task,
        student: Path,
        references: Path,
        lengths: tuple[int, ...],
        scratch: Path,
        teacher: Path | None = None,
    ) -> None:
        self.task, self.lengths, self.max_length = task, lengths, lengths[-1]
        self.kind, self.rows = kinds.get(task.kind), task.rows("dev")
        self.targets = self.rows.targets
        self._tokenizer, self._references, self._scratch = student / "tokenizer.json", references, scratch
        self._teacher = teacher

    @cached_property
    def whole_lengths(self) -> npt.NDArray[np.int32]:
        """Tokens of each row before cutting [rows]."""
        encoder = TextEncoder(self._tokenizer, self.max_length)
        return np.concatenate([encoder.lengths(batch) for batch in self.rows.batches(BATCH_ROWS)])

    def tokens(self, cut_at: int) -> Path:
        """Folder of the `TokenFile` of all rows, cut at ``cut_at`` tokens."""
        return Tokenised(self.rows, self._tokenizer, self.max_length, self._scratch / "dev").at(cut_at)

    def short_rows(self) -> tuple[npt.NDArray[np.intp], tuple[int, ...], Path]:
        """Some rows that fit in the shortest length that any row fits in: places, lengths they fit in, `TokenFile`."""
        lengths = tuple(length for length in self.lengths if (self.whole_lengths <= length).any())
        fitting = np.flatnonzero(self.whole_lengths <= lengths[0]) if lengths else np.zeros(0, np.intp)
        places = (
            fitting[np.unique(np.linspace(0, len(fitting) - 1, PADDING_ROWS).astype(np.intp))] if lengths else fitting
        )
        folder = self._scratch / "short"
        if len(places) and not folder.exists():
            encoder = TextEncoder(self._tokenizer, self.max_length)
            TokenFile.write(folder, encoder.encode([self.rows[int(place)] for place in places]), encoder.pad_id)
        return places, lengths, folder

    def reference(self, cut_at: int) -> np.ndarray:
        """The student's logits [rows, outputs] for texts cut at ``cut_at`` tokens.

        Raises:
            UserError: if they are not there, or not of these rows and labels.
            GateError: if they are not all finite.
        """
        path = self._references / f"reference-s{cut_at}.npy"
        if not path.is_file():
            raise UserError(f"{path} is not there: the student's answers at {cut_at} tokens.", "Run: edgebert convert")
        logits: np.ndarray = np.load(path)
        shape = (len(self.rows), len(self.task.labels))
        if logits.shape != shape:
            raise UserError(f"{path} is {logits.shape}, not {shape}: it is of another dev table or of other labels.")
        if not np.isfinite(logits).all():
            raise GateError(f"{path}: the student's own answers are not all finite numbers; its training diverged.")
        return logits

    @cached_property
    def retention(self) -> Retention:
        """How much of the student's and the teacher's score files keep."""
        return Retention(self, self._teacher)


def check_label_order(task: Task, student: Path) -> None:
    """Hold the label names in the student's checkpoint against the task's; generic names (LABEL_0) say nothing.

    Raises:
        GateError: if the order or the names differ.
    """
    stored = read_json(student / "config.json").get("id2label", {})
    names = [str(stored[key]) for key in sorted(stored, key=int)]
    generic = names == [f"LABEL_{i}" for i in range(len(names))]
    if names and not generic and [_plain(name) for name in names] != [_plain(name) for name in task.labels]:
        raise GateError(
            f"The labels of {student / 'config.json'} are {names}, those of the task {list(task.labels)}.",
            "A file would answer with the wrong names. Distil again, or mend id2label.",
        )


def _plain(name: str) -> str:
    return "".join(name.casefold().split())
