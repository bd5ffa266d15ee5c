"""The difference of two models' scores, with the interval that comes of which rows they were scored on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgebert.tasks.kinds import Floats, Ids, Kind

DRAWS = 2000


@dataclass(frozen=True)
class Difference:
    """In points of the task's metric, the first model's score less the second's."""

    mean: float
    low: float
    high: float
    """The 95 % interval."""


def difference(first: Sequence[Floats], second: Sequence[Floats], labels: Ids, kind: Kind) -> Difference:
    """The mean difference over seeds, and its paired bootstrap interval (Efron and Tibshirani 1993).

    Every draw takes as many rows as there are, with replacement, the same ones for both models and all seeds: what is
    left is the luck of the rows. The luck of the seeds is in the scores of each, which are reported beside it.

    Args:
        first: logits [rows, outputs] of one model, an array a seed.
        second: of the other, for the same seeds.
        labels: gold label ids [rows].
        kind: of the task.
    """
    random, rows = np.random.default_rng(0), len(labels)

    def gap(places: npt.NDArray[np.intp]) -> float:
        gold = labels[places]
        each = [
            kind.scores(one[places], gold)[kind.METRIC] - kind.scores(other[places], gold)[kind.METRIC]
            for one, other in zip(first, second, strict=True)
        ]
        return float(np.mean(each))

    draws = [gap(random.integers(0, rows, rows)) for _ in range(DRAWS)]
    low, high = np.percentile(draws, [2.5, 97.5])
    return Difference(gap(np.arange(rows)), float(low), float(high))
