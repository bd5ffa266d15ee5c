"""Each loss against its formula in NumPy."""

import numpy as np
import pytest
import torch

from edgebert.distill.losses import hidden_loss
from edgebert.distill.methods import hidden, logits
from edgebert.models.model import Outputs
from edgebert.recipes.options import DistillOptions
from edgebert.tasks import kinds
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


def hard(student, targets):
    rows = ~np.isnan(targets[:, 0])
    return -np.log(softmax(student)[rows, targets[rows, 0].astype(int)]).mean()


def mse(student, teacher, mask):
    return np.mean([((student[i, t] - teacher[i, t]) ** 2).mean() for i, t in zip(*np.nonzero(mask), strict=True)])


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
    gold, mask = np.array([[2], [np.nan], [0], [np.nan], [1]]), np.ones((N, T), int)
    options = DistillOptions(temperature=3.0, hard_label_share=0.25, hidden_weight=2.0)
    batch = Batch(*(torch.tensor(mask) for _ in range(3)), targets=tensor(gold), index=torch.arange(N))
    ours = Outputs(tensor(s), tuple(map(tensor, states)))
    theirs = Outputs(tensor(t), tuple(map(tensor, targets)))

    expected = 0.75 * soft(s, t, 3.0) + 0.25 * hard(s, gold)
    assert logits.loss(ours, theirs, batch, options, kinds.get("classes")).item() == pytest.approx(expected, rel=1e-4)
    expected += 2.0 * np.mean([mse(a, b, mask) for a, b in zip(states, targets, strict=True)])
    assert hidden.loss(ours, theirs, batch, options, kinds.get("classes")).item() == pytest.approx(expected, rel=1e-4)
