"""What the teacher says about a batch: its cached logits, and what is inside it, cached or computed on the spot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from edgebert import console
from edgebert.distill.blocks import RowBlocks
from edgebert.distill.method import Phase
from edgebert.models.huggingface import HuggingFaceModel
from edgebert.models.model import Outputs
from edgebert.tasks.tokens import TokenRows
from edgebert.training.batches import Batch, BatchRows, Collate, ordered_batches
from edgebert.training.precision import autocast

HALF = 2
"""Bytes of a cached value (fp16)."""


@dataclass(frozen=True)
class Features:
    """Which of a teacher's hidden states and attention scores are wanted, in order."""

    states: tuple[int, ...] = ()
    """0 for the embedding output, i + 1 for layer i."""
    attentions: tuple[int, ...] = ()
    """Layers, from 0."""

    @classmethod
    def answering(cls, phase: Phase, layers: tuple[int, ...]) -> Features:
        """Those that answer to what a phase compares; ``layers`` is the teacher layer of each student layer."""
        states = (0, *(layer + 1 for layer in layers))
        return cls(tuple(states[i] for i in phase.states), tuple(layers[i] for i in phase.attentions))

    def union(self, other: Features) -> Features:
        """Each of both once, in the teacher's order."""
        return Features(
            tuple(sorted({*self.states, *other.states})), tuple(sorted({*self.attentions, *other.attentions}))
        )

    @property
    def names(self) -> frozenset[str]:
        """Names of the `Outputs` that hold them."""
        held = {"hidden_states": self.states, "attention_scores": self.attentions}
        return frozenset(name for name, wanted in held.items() if wanted)


class TeacherOutputs:
    """The teacher's outputs for a batch of the rows that are learnt from.

    Args:
        teacher: in evaluation mode.
        logits: of every row, float32 [rows, outputs], cached on disk; [rows, 0] where no phase compares logits.
        features: what is wanted of its inside.
        cache: as `FeatureCache.plan` decided; None to run the teacher at every step.
    """

    def __init__(
        self, teacher: HuggingFaceModel, logits: np.ndarray, features: Features, cache: FeatureCache | None
    ) -> None:
        self.teacher, self.logits, self.features, self.cache = teacher, logits, features, cache

    @torch.no_grad()
    def __call__(self, batch: Batch) -> Outputs:
        """Logits, hidden states and attention scores for ``batch``."""
        logits = torch.from_numpy(self.logits[batch.index.cpu().numpy()]).to(batch.input_ids.device)
        if not self.features.names:
            return Outputs(logits)
        states, scores = self.cache.read(batch, self.features) if self.cache else self.compute(batch)
        return Outputs(logits, states, scores)

    def compute(self, batch: Batch) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """The wanted hidden states and scores, by running the teacher, which follows the batch to its device."""
        self.teacher.to(batch.input_ids.device)
        found = self.teacher(batch, self.features.names)
        return (
            tuple(found.hidden_states[i] for i in self.features.states),
            tuple(found.attention_scores[i] for i in self.features.attentions),
        )


class FeatureCache:
    """Features of every row on disk, fp16, real tokens only.

    Args:
        folder: of its two files.
        lengths: tokens of each row.
        features: what is kept, each once.
        teacher: whose they are.
    """

    def __init__(self, folder: Path, lengths: np.ndarray, features: Features, teacher: HuggingFaceModel) -> None:
        self.folder, self.features, self.lengths = folder, features, lengths.astype(np.int64)
        self.width, self.heads = teacher.width, teacher.heads
        folder.mkdir(exist_ok=True)
        self.states = RowBlocks(folder / "states", self.lengths * len(features.states) * self.width)
        self.scores = RowBlocks(folder / "scores", self.lengths**2 * len(features.attentions) * self.heads)

    @classmethod
    def plan(
        cls, rows: TokenRows, outputs: TeacherOutputs, pad_id: int, budget_mb: int, folder: Path
    ) -> FeatureCache | None:
        """Say how large the cache of ``outputs.features`` would be, and fill it where it fits the budget; else None."""
        features, teacher = outputs.features, outputs.teacher
        lengths = rows.lengths.astype(np.int64)
        states = int(lengths.sum()) * len(features.states) * teacher.width
        scores = int((lengths**2).sum()) * len(features.attentions) * teacher.heads
        size_mb = (states + scores) * HALF / 1e6
        kept = size_mb <= budget_mb
        what = " and ".join(sorted(name.replace("_", " ") for name in features.names)[::-1])
        console.say(
            f"  {what} of the teacher for {len(rows)} rows: {size_mb:.0f} MB, "
            + (f"kept on disk (budget {budget_mb} MB)" if kept else f"over {budget_mb} MB: computed at every step")
        )
        if not kept:
            return None
        cache = cls(folder, rows.lengths, features, teacher)
        cache.fill(rows, outputs, pad_id)
        return cache

    @torch.no_grad()
    def fill(self, rows: TokenRows, outputs: TeacherOutputs, pad_id: int) -> None:
        """Run the teacher over all rows once."""
        done = self.folder / "done"
        if done.exists():
            return
        items, collate = BatchRows(rows), Collate(pad_id)
        with console.bar("teacher's features", len(rows)) as shown:
            for places in ordered_batches(rows.lengths, 64):
                batch = collate([items[int(i)] for i in places])
                with autocast(batch.input_ids.device):
                    states, scores = outputs.compute(batch)
                self._write(places, [x.half().numpy() for x in states], [x.half().numpy() for x in scores])
                shown.advance(len(places))
        self.states.flush()
        self.scores.flush()
        done.touch()

    def read(self, batch: Batch, features: Features) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Hidden states [n, t, width] and scores [n, heads, t, t] of a batch, zeros where it is padded."""
        n, t = batch.input_ids.shape
        states = np.zeros((len(self.features.states), n, t, self.width), np.float16)
        scores = np.zeros((len(self.features.attentions), n, self.heads, t, t), np.float16)
        for at, row in enumerate(batch.index.tolist()):
            length = int(self.lengths[row])
            if states.size:
                states[:, at, :length] = self.states.read(row).reshape(-1, length, self.width)
            if scores.size:
                scores[:, at, :, :length, :length] = self.scores.read(row).reshape(-1, self.heads, length, length)
        ours, device = self.features, batch.input_ids.device

        def tensor(array: np.ndarray) -> Tensor:
            return torch.from_numpy(array).to(device, torch.float32)

        return (
            tuple(tensor(states[ours.states.index(i)]) for i in features.states),
            tuple(tensor(scores[ours.attentions.index(i)]) for i in features.attentions),
        )

    def _write(self, places: np.ndarray, states: list[np.ndarray], scores: list[np.ndarray]) -> None:
        for at, row in enumerate(places):
            length = int(self.lengths[row])
            if states:
                self.states.write(row, np.stack([x[at, :length] for x in states]))
            if scores:
                self.scores.write(row, np.stack([x[at, :, :length, :length] for x in scores]))
