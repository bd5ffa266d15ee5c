"""A number (regression): squared error, rank correlation. The one logit is the number, in the table's own unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from edgebert.tasks.kinds import Floats, Ids, check_shapes

if TYPE_CHECKING:
    from torch import Tensor

METRIC = "spearman"
PROBLEM_TYPE = "regression"
PROBABILITY = None
VALUE = "the number, in standard deviations of the dev column"

GROUPS = 5


def values(logits: Floats) -> Floats:
    """The number is the logit, in float64 [rows, 1]."""
    return np.asarray(logits, np.float64)


def logits(values: Floats) -> Floats:
    """The logit is the number."""
    return values


def decode(logits: Floats) -> Floats:
    """The numbers [rows]."""
    return np.asarray(logits[:, 0])


def agreement(logits: Floats, reference: Floats) -> None:
    """Numbers are near each other or far, not the same or different."""
    return


def unit(targets: Floats) -> float:
    """The standard deviation of the gold numbers; 1 where all are the same."""
    return float(np.std(targets, dtype=np.float64)) or 1.0


def scores(logits: Floats, targets: Floats) -> dict[str, float]:
    """Correlations in points of 100, and the mean absolute error in the table's own unit.

    Args:
        logits: [rows, 1].
        targets: gold numbers [rows, 1].

    Returns:
        `spearman`, the correlation of ranks (equal numbers share the mean of theirs); `pearson`;
        `mean_absolute_error`. A correlation with constant numbers is 0: they say nothing of the others.

    Raises:
        ValueError: without rows, or when shapes differ.
    """
    check_shapes(logits, targets)
    answers, gold = np.asarray(logits[:, 0], np.float64), np.asarray(targets[:, 0], np.float64)
    return {
        "spearman": 100 * _correlation(_ranks(answers), _ranks(gold)),
        "pearson": 100 * _correlation(answers, gold),
        "mean_absolute_error": float(np.abs(answers - gold).mean()),
    }


def gold(targets: Sequence[float], names: Sequence[str]) -> float:
    """The number, without the digits that float32 made up."""
    return float(str(np.float32(targets[0])))


def counts(splits: Mapping[str, Floats], names: Sequence[str]) -> dict[str, dict[str, int]]:
    """Rows with numbers in each of five equal ranges between the smallest and the largest of all."""
    everything = np.concatenate([targets[:, 0] for targets in splits.values()])
    edges = np.linspace(everything.min(), everything.max(), GROUPS + 1)
    headings = [f"{low:.4g} to {high:.4g}" for low, high in pairwise(edges)]
    return {
        split: dict(zip(headings, np.histogram(targets[:, 0], edges)[0].tolist(), strict=True))
        for split, targets in splits.items()
    }


def groups(targets: Floats) -> Ids:
    """Fifths of the rows, from the smallest numbers to the largest."""
    edges = np.quantile(targets[:, 0], np.arange(1, GROUPS) / GROUPS)
    return np.searchsorted(edges, targets[:, 0])


def hard_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Squared error against the gold numbers, (z - y)^2, mean over the rows that have one."""
    known = ~targets.isnan()
    each = (logits.float() - targets.nan_to_num(0.0)).square()
    return (each * known).sum() / known.sum().clamp(min=1)


def soft_loss(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Squared error against the teacher's numbers, (z_s - z_t)^2, mean over rows; a temperature has no meaning here.

    TinyBERT's published code (Jiao et al. 2020) takes the gold numbers in place of the teacher's for STS-B; here they
    have the share of the hard loss.
    """
    return (student.float() - teacher.float()).square().mean()


def _correlation(a: Floats, b: Floats) -> float:
    """Pearson's: the cosine of the deviations from the means."""
    if not np.ptp(a) or not np.ptp(b):
        return 0.0
    a, b = a - a.mean(), b - b.mean()
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def _ranks(numbers: Floats) -> Floats:
    """Ranks from 1; equal numbers share the mean of theirs."""
    _, place, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[place])
