"""Which token lengths rows are best padded to: `--lengths auto`.

A row costs the shortest length that it fits in. Of all choices of k lengths on a grid, a dynamic programme over the
grid finds the one with the fewest tokens, padding included: with n(c) rows of at most c tokens, the least for the rows
up to c with k lengths is work(k, c) = min over b < c of work(k - 1, b) + (n(c) - n(b)) c.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

STEP = 8
"""Of the grid, in tokens: what engines compute at once."""
MOST = 4
"""Lengths, at most: each makes files larger and takes memory of its own."""
LONGEST = 128
"""Tokens, where nothing else is said: what a phone reads in a few milliseconds."""
WHOLE = 0.99
"""Share of the rows that are not to be cut, as far as `LONGEST` allows."""
WORTH = 0.05
"""Share of the tokens that one more length must save."""


def fit_lengths(tokens: npt.NDArray[np.int32], longest: int) -> tuple[int, ...]:
    """The lengths that rows are padded least with, ascending: `MOST` of them, or fewer where more are not worth it.

    Args:
        tokens: of each row, not cut.
        longest: the longest length allowed; it is chosen where fewer than `WHOLE` of the rows would fit in less.
    """
    grid = [*range(STEP, longest, STEP), longest]
    fitting = [float(np.mean(tokens <= length)) for length in grid]
    grid = grid[: next((place + 1 for place, share in enumerate(fitting) if share >= WHOLE), len(grid))]
    rows = [int(np.sum(tokens <= length)) for length in grid[:-1]] + [len(tokens)]  # longer ones are cut
    work: list[tuple[float, tuple[int, ...]]] = [(n * c, (c,)) for n, c in zip(rows, grid, strict=True)]
    best = work[-1]
    for _ in range(MOST - 1):
        work = [
            min(
                ((work[b][0] + (rows[c] - rows[b]) * grid[c], (*work[b][1], grid[c])) for b in range(c)),
                default=(math.inf, ()),
            )
            for c in range(len(grid))
        ]
        if work[-1][0] > (1 - WORTH) * best[0]:
            break
        best = work[-1]
    return best[1]


def mean_padded(tokens: npt.NDArray[np.int32], lengths: Sequence[int]) -> float:
    """Tokens that a row is padded to, or cut at, with these lengths, ascending; the mean over the rows."""
    each = np.asarray(lengths)
    return float(each[np.searchsorted(each, np.minimum(tokens, each[-1]))].mean())
