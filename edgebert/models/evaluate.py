"""Scores of a model in memory on a task's rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edgebert.files import atomic
from edgebert.models.model import Model
from edgebert.tasks import kinds
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.task import Split, Task
from edgebert.tasks.tokens import TokenRows
from edgebert.training.predict import predict


class Evaluation:
    """The rows of a task, tokenised once, and what a model scores on them.

    Args:
        task: its selection rows choose checkpoints, its dev rows are scored once.
        max_length: where texts are cut, in tokens.
        scratch: folder for tokenised rows.
        tokenizer: `tokenizer.json` of the model; the task's, which is the teacher's, by default.
    """

    def __init__(self, task: Task, max_length: int, scratch: Path, tokenizer: Path | None = None) -> None:
        self.task, self.max_length, self.scratch = task, max_length, scratch
        self.encoder = TextEncoder(tokenizer or task.folder / "tokenizer.json", max_length)
        self.pad_id = self.encoder.pad_id
        self.kind = kinds.get(task.kind)
        self.metric = self.kind.METRIC
        scratch.mkdir(exist_ok=True)

    def tokens(self, split: Split) -> TokenRows:
        """The tokenised rows of a split."""
        path = self.scratch / f"tokens-{split}-{self.max_length}.arrow"
        return TokenRows.open(path) if path.exists() else TokenRows.write(path, self.task.rows(split), self.encoder)

    def logits(self, model: Model, split: Split, *, exact: bool = False, out: Path | None = None) -> np.ndarray:
        """Logits of every row of a split, float32 [rows, outputs]."""
        model.eval()
        forward = lambda batch: model(batch).logits  # noqa: E731
        classes, device = len(self.task.labels), next(model.parameters()).device
        return predict(
            forward,
            self.tokens(split),
            self.pad_id,
            classes,
            exact=exact,
            out=out,
            label=f"scoring {split}",
            device=device,
        )

    def select(self, model: Model) -> float:
        """Score on the selection rows, in points of 100: what checkpoints are chosen by."""
        return self._score(self.logits(model, "select"), self.tokens("select"))

    def dev(self, model: Model, out: Path) -> float | None:
        """Score on the dev rows in full fp32, the logits kept in ``out``; None where dev has no labels."""
        with atomic(out) as temporary:
            logits = self.logits(model, "dev", exact=True)
            with temporary.open("wb") as file:
                np.save(file, logits)
        rows = self.tokens("dev")
        return self._score(logits, rows) if len(rows) and not np.isnan(rows.targets).any() else None

    def _score(self, logits: np.ndarray, rows: TokenRows) -> float:
        return self.kind.scores(logits, rows.targets)[self.metric]

    @staticmethod
    def save_tokenizer(source: Path, folder: Path) -> None:
        """Copy the tokenizer of checkpoint ``source``, so that transformers loads ``folder`` alone."""
        from transformers import AutoTokenizer

        AutoTokenizer.from_pretrained(source, local_files_only=True).save_pretrained(folder)
