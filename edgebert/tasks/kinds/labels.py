"""Several labels a row, or none: a sigmoid each. A row's targets are 1 where a label applies and 0 where not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from edgebert.tasks.kinds import Floats, Ids, check_shapes

if TYPE_CHECKING:
    from torch import Tensor

METRIC = "micro_f1"
PROBLEM_TYPE = "multi_label_classification"
PROBABILITY = "sigmoid"
VALUE = "a probability"


def values(logits: Floats) -> Floats:
    """Sigmoid 1 / (1 + exp(-z)) of each logit, in float64: [rows, labels]."""
    # By the hyperbolic tangent, which does not overflow.
    return np.asarray(0.5 * (1 + np.tanh(0.5 * np.asarray(logits, np.float64))))


def logits(values: Floats) -> Floats:
    """log(p / (1 - p)), finite also where p was rounded to 0 or 1."""
    p = np.clip(np.asarray(values, np.float64), np.finfo(np.float32).tiny, 1 - np.finfo(np.float32).epsneg)
    return np.asarray(np.log(p) - np.log1p(-p))


def decode(logits: Floats) -> npt.NDArray[np.bool_]:
    """True for each label whose probability is above one half [rows, labels]."""
    return np.asarray(logits > 0)


def agreement(logits: Floats, reference: Floats) -> float:
    """Percent of rows with the same set of labels."""
    return 100 * float(np.mean((decode(logits) == decode(reference)).all(axis=1)))


def unit(targets: Floats) -> float:
    """Probabilities are compared as they are."""
    return 1.0


def scores(logits: Floats, targets: Floats) -> dict[str, float]:
    """F1 = 2 TP / (answered + gold) and exact matches, in points.

    Args:
        logits: [rows, labels].
        targets: 1 where a label applies, 0 where not [rows, labels].

    Returns:
        `micro_f1`, over all rows and labels together; `macro_f1`, the mean over the labels that occur in gold or
        answers; `exact_match`, the share of rows whose labels are all right. F1 is 0 where nothing occurs.

    Raises:
        ValueError: without rows, or when shapes differ.
    """
    answers = decode(logits)
    check_shapes(answers, targets)
    gold = targets > 0.5
    hits, together = (answers & gold).sum(axis=0), answers.sum(axis=0) + gold.sum(axis=0)
    occurring = together > 0
    return {
        "micro_f1": 100 * float(2 * hits.sum() / max(1, together.sum())),
        "macro_f1": 100 * float(np.mean(2 * hits[occurring] / together[occurring])) if occurring.any() else 0.0,
        "exact_match": 100 * float(np.mean((answers == gold).all(axis=1))),
    }


def gold(targets: Sequence[float], names: Sequence[str]) -> list[str]:
    """Names of the labels that apply."""
    return [name for name, applies in zip(names, targets, strict=True) if applies > 0.5]


def counts(splits: Mapping[str, Floats], names: Sequence[str]) -> dict[str, dict[str, int]]:
    """Rows of each label; a row is counted with each that it has."""
    return {
        split: dict(zip(names, targets.sum(axis=0).astype(np.int64).tolist(), strict=True))
        for split, targets in splits.items()
    }


def groups(targets: Floats) -> Ids:
    """The first label that applies; the number of labels where none does."""
    applies = targets > 0.5
    return np.asarray(np.where(applies.any(axis=1), applies.argmax(axis=1), targets.shape[1]))


def hard_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Binary cross-entropy, -y log s(z) - (1 - y) log(1 - s(z)), mean over labels and the rows that have targets."""
    import torch.nn.functional as F

    known = ~targets.isnan()
    each = F.binary_cross_entropy_with_logits(logits.float(), targets.nan_to_num(0.0), reduction="none")
    return (each * known).sum() / known.sum().clamp(min=1)


def soft_loss(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """T^2 * binary cross-entropy between s(z_t / T) and s(z_s / T), mean over labels and rows.

    Labels do not exclude each other, so each has its own distribution: a softmax over them would not be one.
    """
    import torch.nn.functional as F

    return temperature**2 * F.binary_cross_entropy_with_logits(
        student.float() / temperature, (teacher.float() / temperature).sigmoid()
    )
