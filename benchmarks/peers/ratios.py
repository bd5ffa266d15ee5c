"""How many times faster: round by round, since the two measurements of a round lie close together in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
LEVEL = 95
"""Percent of the resamples inside the interval."""


@dataclass(frozen=True)
class Ratio:
    """Their time over ours.

    Attributes:
        median: of the rounds.
        low: lower end of the median's bootstrap interval of `LEVEL` percent over rounds.
        high: its upper end.
    """

    median: float
    low: float
    high: float


def paired(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """The ratio of two engines that were timed in the same rounds.

    The percentile bootstrap of Efron & Tibshirani (1993): rounds are drawn with replacement, each with both of its
    times, and the median ratio is taken anew.

    Args:
        ours: ms, one a round.
        theirs: of the same rounds.
    """
    ratios = np.asarray(theirs, np.float64) / np.asarray(ours, np.float64)
    draws = np.random.default_rng(0).integers(0, len(ratios), (RESAMPLES, len(ratios)))
    low, high = np.percentile(np.median(ratios[draws], axis=1), [(100 - LEVEL) / 2, (100 + LEVEL) / 2])
    return Ratio(float(np.median(ratios)), float(low), float(high))
