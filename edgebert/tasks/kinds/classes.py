"""One label of several: softmax, accuracy, macro F1."""

from __future__ import annotations

import numpy as np

from edgebert.tasks.kinds import Floats, Ids

METRIC = "accuracy"


def probabilities(logits: Floats) -> Floats:
    """Softmax over the last axis, in float64: [rows, classes]."""
    exponents = np.exp(np.asarray(logits, np.float64) - np.max(logits, axis=-1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=-1, keepdims=True))


def decode(logits: Floats) -> Ids:
    """The label id with the largest logit of each row [rows]; the lowest id where several are equal."""
    return np.asarray(np.argmax(logits, axis=-1))


def scores(logits: Floats, labels: Ids) -> dict[str, float]:
    """Accuracy and macro F1 in points.

    Args:
        logits: [rows, classes].
        labels: gold label ids [rows].

    Returns:
        `accuracy`, and `macro_f1`: the mean F1 over the classes that occur in gold labels or answers.

    Raises:
        ValueError: without rows, or when shapes differ.
    """
    answers = decode(logits)
    if answers.shape != labels.shape or not labels.size:
        raise ValueError(f"{answers.shape} answers cannot be scored against {labels.shape} labels")
    return {"accuracy": 100 * float(np.mean(answers == labels)), "macro_f1": 100 * _macro_f1(answers, labels)}


def _macro_f1(answers: Ids, labels: Ids) -> float:
    # F1 = 2 TP / (answered + gold), for each class.
    classes = np.union1d(answers, labels)
    each = [2 * np.sum((answers == c) & (labels == c)) / (np.sum(answers == c) + np.sum(labels == c)) for c in classes]
    return float(np.mean(each))
