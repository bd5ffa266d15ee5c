"""Each loss against its formula in NumPy."""

import numpy as np
import pytest
import torch

from edgebert.distill.losses import hard_label_loss, hidden_loss, soft_label_loss
from edgebert.distill.methods import hidden, logits
from edgebert.models.model import Outputs
from edgebert.recipes.options import DistillOptions
from edgebert.training.batches import Batch

N, T, CLASSES, H = 5, 7, 3, 4


@pytest.fixture
def numbers():
    return np.random.default_rng(0)


def softmax(x):
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def tensor(x):
    return torch.tensor(x, dtype=torch.float32)


def soft(student, teacher, temperature):
    p, q = softmax(teacher / temperature), softmax(student / temperature)
    return temperature**2 * (p * np.log(p / q)).sum(-1).mean()


def hard(student, labels):
    rows = labels >= 0
    return -np.log(softmax(student)[rows, labels[rows]]).mean()


def mse(student, teacher, mask):
    return np.mean([((student[i, t] - teacher[i, t]) ** 2).mean() for i, t in zip(*np.nonzero(mask), strict=True)])


@pytest.mark.parametrize("temperature", [1.0, 2.0, 7.5])
def test_soft_labels(numbers, temperature):
    student, teacher = numbers.normal(0, 3, (2, N, CLASSES))
    found = soft_label_loss(tensor(student), tensor(teacher), temperature)
    assert found.item() == pytest.approx(soft(student, teacher, temperature), rel=1e-4)
    assert soft_label_loss(tensor(teacher), tensor(teacher), temperature).item() == pytest.approx(0, abs=1e-6)


def test_hard_labels_count_the_rows_that_have_one(numbers):
    student, labels = numbers.normal(0, 3, (N, CLASSES)), np.array([2, -1, 0, -1, 1])
    assert hard_label_loss(tensor(student), torch.tensor(labels)).item() == pytest.approx(
        hard(student, labels), rel=1e-5
    )
    assert hard_label_loss(tensor(student), torch.full((N,), -1)).item() == 0


def test_hidden_states_count_real_tokens(numbers):
    student, teacher = numbers.normal(0, 2, (2, N, T, H))
    mask = (np.arange(T) < numbers.integers(1, T + 1, (N, 1))).astype(int)
    found = hidden_loss(tensor(student), tensor(teacher), torch.tensor(mask))
    assert found.item() == pytest.approx(mse(student, teacher, mask), rel=1e-5)
    student[mask == 0] = 1e6
    assert hidden_loss(tensor(student), tensor(teacher), torch.tensor(mask)).item() == pytest.approx(found.item())


def test_methods_weigh_their_losses(numbers):
    s, t = numbers.normal(0, 3, (2, N, CLASSES))
    states, targets = numbers.normal(0, 2, (2, 3, N, T, H))
    labels, mask = np.array([2, -1, 0, -1, 1]), np.ones((N, T), int)
    options = DistillOptions(temperature=3.0, hard_label_share=0.25, hidden_weight=2.0)
    batch = Batch(*(torch.tensor(mask) for _ in range(3)), labels=torch.tensor(labels), index=torch.arange(N))
    ours = Outputs(tensor(s), tuple(map(tensor, states)))
    theirs = Outputs(tensor(t), tuple(map(tensor, targets)))

    expected = 0.75 * soft(s, t, 3.0) + 0.25 * hard(s, labels)
    assert logits.loss(ours, theirs, batch, options).item() == pytest.approx(expected, rel=1e-4)
    expected += 2.0 * np.mean([mse(a, b, mask) for a, b in zip(states, targets, strict=True)])
    assert hidden.loss(ours, theirs, batch, options).item() == pytest.approx(expected, rel=1e-4)
