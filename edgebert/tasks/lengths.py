"""How long rows are in tokens, and what each length would cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.fit_lengths import fit_lengths, mean_padded
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
        padded: tokens that a row is padded to with these lengths, the mean.
        fitting: the lengths that `--lengths auto` chooses, up to the longest of interest.
        padded_fitting: as `padded`, with those.
    """

    rows: int
    tokens: dict[str, int]
    histogram: tuple[tuple[int | None, int], ...]
    cut: dict[int, float]
    padded: float | None = None
    fitting: tuple[int, ...] = ()
    padded_fitting: float | None = None

    @property
    def padding(self) -> str:
        """What the lengths of interest cost, in words, and what others would."""
        chosen, alone = _listed(tuple(self.cut)), max(self.cut)
        found = f"Padded to {chosen} tokens, a row has {self.padded:.1f} on average; to {alone} alone, {alone}."
        if tuple(self.cut) == self.fitting:
            return f"{found} These lengths are what --lengths auto chooses."
        return f"{found} --lengths auto would choose {_listed(self.fitting)}: {self.padded_fitting:.1f} on average."

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Lengths:
        """Make it of what `json.loads` gives, where keys are text and tuples are lists."""
        histogram = tuple((end, rows) for end, rows in values["histogram"])
        cut = {int(length): share for length, share in values["cut"].items()}
        fitting = tuple(values.get("fitting", ()))
        return cls(**(values | {"histogram": histogram, "cut": cut, "fitting": fitting}))


def measure_lengths(rows: Rows, encoder: TextEncoder, lengths: Sequence[int] | None) -> Lengths:
    """Count the tokens of ``rows``: of all, or of `MEASURED_ROWS` evenly spaced.

    Args:
        rows: at least one row.
        encoder: tokenizer of the checkpoint; its `max_length` is the longest length to choose.
        lengths: token lengths to report the cut share of, ascending; None: those that fit the rows.
    """
    spaced = islice(rows, 0, None, -(-len(rows) // MEASURED_ROWS))
    batches: list[npt.NDArray[np.int32]] = []
    while batch := list(islice(spaced, 1024)):
        batches.append(encoder.lengths(batch))
    tokens = np.concatenate(batches)
    fitting = fit_lengths(tokens, encoder.max_length)
    lengths = lengths or fitting
    counts, _ = np.histogram(tokens, bins=[0, *(end + 0.5 for end in BINS), np.inf])
    quantiles = {f"p{q}": int(np.percentile(tokens, q, method="higher")) for q in (50, 90, 99)}
    return Lengths(
        rows=len(tokens),
        tokens=quantiles | {"max": int(tokens.max())},
        histogram=tuple(zip((*BINS, None), counts.tolist(), strict=True)),
        cut={length: float(np.mean(tokens > length)) for length in lengths},
        padded=mean_padded(tokens, lengths),
        fitting=fitting,
        padded_fitting=mean_padded(tokens, fitting),
    )


def _listed(lengths: Sequence[int]) -> str:
    *before, last = map(str, lengths)
    return f"{', '.join(before)} or {last}" if before else last
