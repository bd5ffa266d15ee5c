"""How far a file's logits are from the training module's, on real sentences and pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.variants import TO_8_BITS
from edgebert import runtimes
from edgebert.models.load import load
from edgebert.runtimes.jobs import ModelFile, RunJob
from edgebert.runtimes.token_file import TokenFile
from edgebert.store import machine
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Row
from edgebert.tasks.task import Task

BATCH = 32
OWN_ROWS = 100
"""Asked of the module in float64 too, at most: that is slow, and fewer rows only make its difference smaller."""
LARGEST = 1e-4
"""A logit may change by this much, or by four times what float32 costs the module itself."""


def differences(
    files: Mapping[str, list[ModelFile]], checkpoint: Path, task: Task, length: int, rows: int, rows_left_out: int,
    scratch: Path,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """The largest difference of a logit between each float32 file and the module.

    Args:
        files: by the name of what they leave out.
        checkpoint: of the module, with its tokenizer.
        task: its dev rows are taken, half of them as single texts, half as pairs.
        length: every row is padded to so many tokens.
        rows: how many, at most.
        rows_left_out: the same, of the first of them, for files that leave something out.
        scratch: for tokens and logits.
    """
    encoder = TextEncoder(checkpoint / "tokenizer.json", length)
    texts = [row.text for row in task.rows("dev")][: rows // 2 + 1]
    chosen = [row for first, second in pairwise(texts) for row in (Row(first), Row(first, second))]
    parts = {
        count: TokenFile.write(scratch / f"{length}-{count}", encoder.encode(chosen[:count]), encoder.pad_id)
        for count in {rows, rows_left_out}
    }
    tokens = parts[rows]
    single = _module_logits(checkpoint, tokens, len(tokens), length, "float32")
    double = _module_logits(checkpoint, tokens, min(OWN_ROWS, len(tokens)), length, "float64")
    own = float(np.abs(single[: len(double)] - double).max())
    for missing, of in files.items():
        count = rows_left_out if missing else rows
        folder = scratch / f"{length}-{count}"
        for file in of:
            if file.artefact.scheme in ("fp32", TO_8_BITS) and file.artefact.length in (None, length):
                out = folder / "logits.npy"
                job = RunJob(file, folder, out, threads=int(machine()["cores"]), pad_to=length)
                runtimes.for_format(file.artefact.format).run(job)
                largest = float(np.abs(np.load(out) - single[: len(parts[count])]).max())
                yield {"without": missing, "format": file.artefact.format, "length": length, "rows": len(parts[count]),
                       "largest": largest, "own": own, "allowed": max(LARGEST, 4 * own)}  # fmt: skip


def _module_logits(checkpoint: Path, tokens: TokenFile, rows: int, length: int, dtype: str) -> np.ndarray:
    """The trained module's own for the first ``rows``, [rows, labels]."""
    import torch

    model: Any = load(checkpoint)
    module, found = model.model.to(getattr(torch, dtype)), []
    with torch.no_grad():
        for start in range(0, rows, BATCH):
            feeds = [tokens.feeds(row, length) for row in range(start, min(start + BATCH, rows))]
            batch = {name: torch.tensor(np.concatenate([one[name] for one in feeds])) for name in model.graph_inputs}
            found.append(module(**batch).logits.numpy())
    return np.concatenate(found)
