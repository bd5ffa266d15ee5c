"""How long rows are in tokens, and what each length would cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Rows

BINS = (8, 16, 32, 64, 128, 256, 512)
MEASURED_ROWS = 100_000


@dataclass(frozen=True)
class Lengths:
    """How many tokens rows have before they are cut.

    Attributes:
        rows: rows measured, evenly spaced over the split.
        tokens: number of tokens at `p50`, `p90`, `p99` and `max`.
        histogram: [tokens at most, rows] of each bin; the last bin has no end.
        cut: for each length of interest, the share (0 to 1) of rows that are longer.
    """

    rows: int
    tokens: dict[str, int]
    histogram: tuple[tuple[int | None, int], ...]
    cut: dict[int, float]

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Lengths:
        """Make it of what `json.loads` gives, where keys are text and tuples are lists."""
        histogram = tuple((end, rows) for end, rows in values["histogram"])
        cut = {int(length): share for length, share in values["cut"].items()}
        return cls(values["rows"], values["tokens"], histogram, cut)


def measure_lengths(rows: Rows, encoder: TextEncoder, lengths: Sequence[int]) -> Lengths:
    """Count the tokens of ``rows``: of all, or of `MEASURED_ROWS` evenly spaced.

    Args:
        rows: at least one row.
        encoder: tokenizer of the checkpoint.
        lengths: token lengths to report the cut share of.
    """
    spaced = islice(rows, 0, None, -(-len(rows) // MEASURED_ROWS))
    batches: list[npt.NDArray[np.int32]] = []
    while batch := list(islice(spaced, 1024)):
        batches.append(encoder.lengths(batch))
    tokens = np.concatenate(batches)
    counts, _ = np.histogram(tokens, bins=[0, *(end + 0.5 for end in BINS), np.inf])
    quantiles = {f"p{q}": int(np.percentile(tokens, q, method="higher")) for q in (50, 90, 99)}
    return Lengths(
        rows=len(tokens),
        tokens=quantiles | {"max": int(tokens.max())},
        histogram=tuple(zip((*BINS, None), counts.tolist(), strict=True)),
        cut={length: float(np.mean(tokens > length)) for length in lengths},
    )
