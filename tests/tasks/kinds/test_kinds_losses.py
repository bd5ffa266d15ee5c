"""The losses of each kind against their formulas in NumPy."""

import numpy as np
import pytest
import torch

from edgebert.tasks import kinds

N, OUTPUTS = 5, 3


@pytest.fixture
def logits():
    """Of a student and of a teacher."""
    return np.random.default_rng(0).normal(0, 3, (2, N, OUTPUTS))


def softmax(x):
    powers = np.exp(x)
    return powers / powers.sum(-1, keepdims=True)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def tensor(x):
    return torch.tensor(x, dtype=torch.float32)


def hard(kind, student, targets):
    return kinds.get(kind).hard_loss(tensor(student), tensor(targets)).item()


def soft(kind, student, teacher, temperature):
    return kinds.get(kind).soft_loss(tensor(student), tensor(teacher), temperature).item()


@pytest.mark.parametrize("temperature", [1.0, 2.0, 7.5])
def test_soft_classes(logits, temperature):
    student, teacher = logits
    p, q = softmax(teacher / temperature), softmax(student / temperature)
    expected = temperature**2 * (p * np.log(p / q)).sum(-1).mean()
    assert soft("classes", student, teacher, temperature) == pytest.approx(expected, rel=1e-4)
    assert soft("classes", teacher, teacher, temperature) == pytest.approx(0, abs=1e-6)


def test_hard_classes(logits):
    gold = np.array([[2], [np.nan], [0], [np.nan], [1]])
    expected = -np.log(softmax(logits[0])[[0, 2, 4], [2, 0, 1]]).mean()
    assert hard("classes", logits[0], gold) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_soft_labels(logits, temperature):
    student, teacher = logits
    p, q = sigmoid(teacher / temperature), sigmoid(student / temperature)
    expected = temperature**2 * -(p * np.log(q) + (1 - p) * np.log(1 - q)).mean()
    assert soft("labels", student, teacher, temperature) == pytest.approx(expected, rel=1e-5)


def test_soft_labels_do_not_compete(logits):
    """A softmax over labels would not see that all of them rise together."""
    teacher = logits[1]
    at_best = soft("labels", teacher, teacher, 1.0)
    assert soft("labels", teacher + 2, teacher, 1.0) > at_best + 0.1
    assert soft("classes", teacher + 2, teacher, 1.0) == pytest.approx(0, abs=1e-5)


def test_hard_labels(logits):
    gold = np.array([[1, 0, 1], [np.nan] * 3, [0, 0, 0], [1, 1, 1], [np.nan] * 3])
    p, y = sigmoid(logits[0])[[0, 2, 3]], gold[[0, 2, 3]]
    assert hard("labels", logits[0], gold) == pytest.approx(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(), rel=1e-5)


def test_numbers(logits):
    student, teacher = logits[:, :, :1]
    gold = np.array([[1.5], [np.nan], [-3], [0], [np.nan]])
    assert soft("number", student, teacher, 3.0) == pytest.approx(((student - teacher) ** 2).mean(), rel=1e-5)
    expected = ((student - gold)[[0, 2, 3]] ** 2).mean()
    assert hard("number", student, gold) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("kind", "width"), [("classes", 1), ("labels", 3), ("number", 1)])
def test_a_batch_without_targets_costs_nothing_and_has_a_gradient(kind, width, logits):
    outputs = 1 if kind == "number" else OUTPUTS
    student = tensor(logits[0][:, :outputs]).requires_grad_()
    loss = kinds.get(kind).hard_loss(student, torch.full((N, width), float("nan")))
    loss.backward()
    assert loss.item() == 0 and student.grad.abs().max() == 0
