"""One class of several: softmax, cross-entropy, accuracy. A row's target is the id of its class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from edgebert.tasks.kinds import Floats, Ids, check_shapes

if TYPE_CHECKING:
    from torch import Tensor

METRIC = "accuracy"
PROBLEM_TYPE = "single_label_classification"
PROBABILITY = "softmax"
VALUE = "a probability"


def values(logits: Floats) -> Floats:
    """Softmax over the last axis, in float64: [rows, classes]."""
    exponents = np.exp(np.asarray(logits, np.float64) - np.max(logits, axis=-1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=-1, keepdims=True))


def logits(values: Floats) -> Floats:
    """Logarithms of probabilities: logits but for a constant in each row."""
    return np.log(np.maximum(values, np.finfo(np.float32).tiny))


def decode(logits: Floats) -> Ids:
    """The class id with the largest logit of each row [rows]; the lowest id where several are equal."""
    return np.asarray(np.argmax(logits, axis=-1))


def agreement(logits: Floats, reference: Floats) -> float:
    """Percent of rows with the same class."""
    return 100 * float(np.mean(decode(logits) == decode(reference)))


def unit(targets: Floats) -> float:
    """Probabilities are compared as they are."""
    return 1.0


def scores(logits: Floats, targets: Floats) -> dict[str, float]:
    """Accuracy and F1 in points.

    Args:
        logits: [rows, classes].
        targets: gold class ids [rows, 1].

    Returns:
        `accuracy`, and `macro_f1`: the mean F1 over the classes that occur in gold or answers. Of two classes also
        `f1` of the second, as GLUE scores MRPC and QQP, and `matthews`, the correlation of answers and gold (Matthews
        1975), as it scores CoLA: 0 where either is constant.

    Raises:
        ValueError: without rows, or when shapes differ.
    """
    answers = decode(logits)[:, None]
    check_shapes(answers, targets)
    found = {"accuracy": 100 * float(np.mean(answers == targets)), "macro_f1": 100 * _macro_f1(answers, targets)}
    if logits.shape[1] == 2:
        found |= {"f1": 100 * _f1(answers == 1, targets == 1), "matthews": 100 * _matthews(answers, targets)}
    return found


def gold(targets: Sequence[float], names: Sequence[str]) -> str:
    """The name of the class."""
    return names[int(targets[0])]


def counts(splits: Mapping[str, Floats], names: Sequence[str]) -> dict[str, dict[str, int]]:
    """Rows of each class."""
    ids = {split: targets[:, 0].astype(np.int64) for split, targets in splits.items()}
    return {s: dict(zip(names, np.bincount(of, minlength=len(names)).tolist(), strict=True)) for s, of in ids.items()}


def groups(targets: Floats) -> Ids:
    """The class itself."""
    return targets[:, 0].astype(np.int64)


def hard_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy against the gold classes: -log softmax(z)[y], mean over the rows that have one."""
    import torch.nn.functional as F

    ids = targets[:, 0].nan_to_num(-1).long()
    total = F.cross_entropy(logits.float(), ids, ignore_index=-1, reduction="sum")
    return total / (ids >= 0).sum().clamp(min=1)


def soft_loss(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Soft labels (Hinton et al. 2015): T^2 * KL(softmax(z_t / T) || softmax(z_s / T)), mean over rows.

    T^2 keeps the gradient's size when T changes.
    """
    import torch.nn.functional as F

    return temperature**2 * F.kl_div(
        F.log_softmax(student.float() / temperature, dim=-1),
        F.log_softmax(teacher.float() / temperature, dim=-1),
        reduction="batchmean",
        log_target=True,
    )


def _f1(answers: np.ndarray, gold: np.ndarray) -> float:
    # F1 = 2 TP / (answered + gold)
    return float(2 * np.sum(answers & gold) / max(1, np.sum(answers) + np.sum(gold)))


def _macro_f1(answers: Ids, targets: Floats) -> float:
    return float(np.mean([_f1(answers == c, targets == c) for c in np.union1d(answers, targets)]))


def _matthews(answers: Ids, targets: Floats) -> float:
    """The correlation of two columns of 0 and 1."""
    if not np.ptp(answers) or not np.ptp(targets):
        return 0.0
    return float(np.corrcoef(answers[:, 0], targets[:, 0])[0, 1])
