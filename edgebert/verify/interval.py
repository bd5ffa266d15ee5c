"""How much of a score is kept, and how sure that is: a paired bootstrap over the dev rows.

Efron & Tibshirani, "An Introduction to the Bootstrap", 1993: draw the rows with replacement, score both models on the
same draw, and take the 2.5th and 97.5th percentile of what comes out. Drawing the same rows for both is what makes it
paired: a draw that is hard is hard for both, and the interval is that of the difference, not of either score.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

RESAMPLES = 1000
SEED = 0
LEVEL = 95
"""Percent of the resamples inside the interval."""

Array = npt.NDArray[Any]
Resampled = npt.NDArray[np.float64]
"""A model's score on the rows themselves, then on each resample: [1 + resamples]."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Percent of another model's score that a model keeps on the same rows.

    Attributes:
        percent: 100 x its score / the other's.
        low: lower end of the interval of `LEVEL` percent.
        high: upper end.
        rows: rows that were drawn from.
        resamples: how often.
    """

    percent: float
    low: float
    high: float
    rows: int
    resamples: int


class Bootstrap:
    """Rows drawn with replacement, the same draws for every model.

    Args:
        score: outputs [n, ...] and gold labels [n, ...] of n rows to a score; NaN where a draw has none.
        labels: gold labels of all rows [rows, ...].
        resamples: number of draws.
        seed: of the draws.
    """

    def __init__(
        self, score: Callable[[Array, Array], float], labels: Array, resamples: int = RESAMPLES, seed: int = SEED
    ) -> None:
        self._score, self._labels, self._resamples, self._seed = score, labels, resamples, seed

    def scores(self, outputs: Array) -> Resampled:
        """The score of a model with these outputs [rows, ...] on the rows and on every draw."""
        rows = len(self._labels)
        draws = np.random.default_rng(self._seed)  # anew for each model: the same draws, none of them kept
        found = [self._score(outputs, self._labels)]
        for _ in range(self._resamples):
            chosen = draws.integers(0, rows, rows)
            found.append(self._score(outputs[chosen], self._labels[chosen]))
        return np.asarray(found, np.float64)

    def kept(self, ours: Resampled, theirs: Resampled) -> Kept | None:
        """What a model keeps of another one's score; None where the other's is not above 0 on every draw."""
        if not np.isfinite(ours).all() or not (theirs > 0).all():
            return None
        ratios = 100 * ours / theirs
        low, high = np.percentile(ratios[1:], [(100 - LEVEL) / 2, (100 + LEVEL) / 2])
        return Kept(
            percent=float(ratios[0]),
            low=float(low),
            high=float(high),
            rows=len(self._labels),
            resamples=self._resamples,
        )
