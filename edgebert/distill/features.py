"""What the teacher says about a batch: its cached logits, and hidden states from a cache or computed on the spot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from edgebert import console
from edgebert.files import atomic, new_array
from edgebert.models.huggingface import HuggingFaceModel
from edgebert.models.model import Outputs
from edgebert.tasks.tokens import TokenRows
from edgebert.training.batches import Batch, BatchRows, Collate, ordered_batches
from edgebert.training.precision import autocast

HALF = 2
"""Bytes of a cached value (fp16)."""


class TeacherOutputs:
    """The teacher's outputs for a batch of the transfer rows.

    Args:
        teacher: in evaluation mode.
        logits: of every row, float32 [rows, outputs], cached on disk.
        layers: which hidden states are wanted, 0 for the embedding output; none for a method without them.
        cache: as `FeatureCache.plan` decided; None to compute hidden states at every step.
    """

    def __init__(
        self, teacher: HuggingFaceModel, logits: np.ndarray, layers: tuple[int, ...], cache: FeatureCache | None
    ) -> None:
        self.teacher, self.logits, self.layers, self.cache = teacher, logits, layers, cache

    @torch.no_grad()
    def __call__(self, batch: Batch) -> Outputs:
        """Logits and hidden states for ``batch``."""
        logits = torch.from_numpy(self.logits[batch.index.cpu().numpy()]).to(batch.input_ids.device)
        if not self.layers:
            return Outputs(logits)
        if self.cache is not None:
            return Outputs(logits, self.cache.read(batch))
        return Outputs(logits, self.compute(batch))

    def compute(self, batch: Batch) -> tuple[Tensor, ...]:
        """The wanted hidden states, by running the teacher, which follows the batch to its device."""
        self.teacher.to(batch.input_ids.device)
        states = self.teacher(batch, hidden=True).hidden_states
        return tuple(states[layer] for layer in self.layers)


class FeatureCache:
    """Hidden states of every real token of every row in one memory-mapped file, fp16 [tokens, layers, width]."""

    def __init__(self, path: Path, lengths: np.ndarray, layers: int, width: int) -> None:
        self.starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        shape = (int(self.starts[-1]), layers, width)
        if not path.exists():
            with atomic(path) as temporary:
                new_array(temporary, np.float16, shape)
        self.values = np.lib.format.open_memmap(path, mode="r+")

    @classmethod
    def plan(cls, rows: TokenRows, outputs: TeacherOutputs, pad_id: int, budget_mb: int, path: Path) -> None:
        """Say how large the cache would be, and fill it where it fits the budget; else leave ``outputs`` to compute."""
        width = outputs.teacher.width
        size_mb = int(rows.lengths.sum()) * len(outputs.layers) * width * HALF / 1e6
        kept = size_mb <= budget_mb
        console.say(
            f"  hidden states of the teacher for {len(rows)} rows: {size_mb:.0f} MB, "
            + (f"kept on disk (budget {budget_mb} MB)" if kept else f"over {budget_mb} MB: computed at every step")
        )
        if kept:
            cache = cls(path, rows.lengths, len(outputs.layers), width)
            cache.fill(rows, outputs, pad_id, path.with_suffix(".done"))
            outputs.cache = cache

    @torch.no_grad()
    def fill(self, rows: TokenRows, outputs: TeacherOutputs, pad_id: int, done: Path) -> None:
        """Run the teacher over all rows once."""
        if done.exists():
            return
        items, collate = BatchRows(rows), Collate(pad_id)
        with console.bar("teacher's hidden states", len(rows)) as shown:
            for places in ordered_batches(rows.lengths, 64):
                batch = collate([items[int(i)] for i in places])
                with autocast(batch.input_ids.device):
                    states = torch.stack(outputs.compute(batch), dim=2).half().numpy()  # [n, t, layers, width]
                for state, place in zip(states, places, strict=True):
                    start, end = self.starts[place], self.starts[place + 1]
                    self.values[start:end] = state[: end - start]
                shown.advance(len(places))
        done.touch()

    def read(self, batch: Batch) -> tuple[Tensor, ...]:
        """Hidden states of a batch, zeros where it is padded: one [n, t, width] a layer."""
        n, length = batch.input_ids.shape
        states = np.zeros((n, length, *self.values.shape[1:]), np.float16)
        for row, place in enumerate(batch.index.tolist()):
            start, end = self.starts[place], self.starts[place + 1]
            states[row, : end - start] = self.values[start:end]
        found = torch.from_numpy(states).to(batch.input_ids.device, torch.float32)
        return tuple(found[:, :, layer] for layer in range(states.shape[2]))
