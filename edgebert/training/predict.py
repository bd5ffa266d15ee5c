"""Logits of a trained model over many rows, kept on disk as they come."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from edgebert import console
from edgebert.files import atomic
from edgebert.tasks.tokens import TokenRows
from edgebert.training.batches import Batch, BatchRows, Collate, ordered_batches
from edgebert.training.precision import autocast

Forward = Callable[[Batch], Tensor]
"""A batch of n rows to its logits [n, outputs]."""

BATCH_SIZE = 64


@torch.no_grad()
def predict(
    forward: Forward,
    rows: TokenRows,
    pad_id: int,
    classes: int,
    *,
    out: Path | None = None,
    exact: bool = False,
    label: str = "predicting",
    device: torch.device | None = None,
) -> np.ndarray:
    """Logits of every row.

    Args:
        forward: the model, in evaluation mode.
        rows: tokenised rows.
        pad_id: token id of padding.
        classes: width of the logits.
        out: keep the logits in this .npy file; a killed call goes on where it was.
        exact: full fp32, for logits that files are held against; else bf16 where the processor has it.
        label: what the progress bar says.
        device: where the model is; None for the processor.

    Returns:
        float32 [rows, outputs], in the order of ``rows``.
    """
    logits = _open(out, len(rows), classes)
    # A batch always holds the same rows, since the last bits of a row's logits depend on how far it is padded.
    batches = ordered_batches(rows.lengths, BATCH_SIZE)
    todo = [places for places in batches if np.isnan(logits[places]).any()]
    items, collate = BatchRows(rows), Collate(pad_id)
    target = device or torch.device("cpu")
    with console.bar(label, len(rows), done=len(rows) - sum(map(len, todo))) as shown:
        for places in todo:
            batch = collate([items[int(i)] for i in places]).to(target)
            with autocast(target, enabled=not exact):
                logits[places] = forward(batch).float().cpu().numpy()
            shown.advance(len(places))
    return logits


def _open(out: Path | None, rows: int, classes: int) -> np.ndarray:
    """The array to fill: a row that is still NaN has not been computed."""
    empty = np.full((rows, classes), np.nan, np.float32)
    if out is None:
        return empty
    if not out.exists():
        with atomic(out) as temporary, temporary.open("wb") as file:
            np.save(file, empty)
    return np.lib.format.open_memmap(out, mode="r+")
