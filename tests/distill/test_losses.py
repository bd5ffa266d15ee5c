"""Each loss against its formula in NumPy."""

import numpy as np
import pytest
import torch

from edgebert.distill.losses import (
    attention_loss,
    attention_transfer_loss,
    feature_map_loss,
    hidden_loss,
    logits_loss,
)
from edgebert.distill.method import Setting
from edgebert.distill.methods import hidden, logits, logits_mse, mobilebert, tinybert
from edgebert.models.model import Outputs
from edgebert.recipes.options import DistillOptions
from edgebert.tasks.kinds import classes
from edgebert.training.batches import Batch

N, T, CLASSES, H = 5, 7, 3, 4
HEADS = [(4, 4), (12, 4), (4, 12), (12, 8), (3, 2)]
"""Of the student and of the teacher."""


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


@pytest.fixture
def mask(numbers):
    return (np.arange(T) < numbers.integers(2, T + 1, (N, 1))).astype(int)


def means_of_groups(heads, groups):
    return np.stack([part.mean(1) for part in np.split(heads, groups, axis=1)], axis=1)


def attention(student, teacher, mask):
    """TinyBERT's, pair of tokens by pair of tokens."""
    heads = np.gcd(student.shape[1], teacher.shape[1])
    student, teacher = means_of_groups(student, heads), means_of_groups(teacher, heads)
    pairs = [(n, i, j) for n in range(N) for i in range(T) for j in range(T) if mask[n, i] and mask[n, j]]
    each = [np.mean([(student[n, h, i, j] - teacher[n, h, i, j]) ** 2 for n, i, j in pairs]) for h in range(heads)]
    return np.mean(each)


def transfer(student, teacher, mask):
    """MobileBERT's, token by token, over its real part of the row."""
    heads, each = np.gcd(student.shape[1], teacher.shape[1]), []
    for n in range(N):
        length = mask[n].sum()
        p, q = (
            means_of_groups(softmax(scores[n : n + 1, :, :length, :length]), heads) for scores in (teacher, student)
        )
        each += list((p * np.log(p / q)).sum(-1).mean(1).ravel())
    return np.mean(each)


def feature_map(student, teacher, mask):
    def normed(x):
        return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)

    real = mask == 1
    s, t = student[real], teacher[real]
    means, variances = (s.mean(-1) - t.mean(-1)) ** 2, np.abs(s.var(-1) - t.var(-1))
    return (100 * ((normed(s) - normed(t)) ** 2).mean(-1) + 5000 * means + 5 * variances).mean()


def test_logits_themselves(numbers):
    student, teacher = numbers.normal(0, 3, (2, N, CLASSES))
    expected = ((student - teacher) ** 2).mean()
    assert logits_loss(tensor(student), tensor(teacher)).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("heads", HEADS)
@pytest.mark.parametrize(
    ("loss", "reference"), [(attention_loss, attention), (attention_transfer_loss, transfer)], ids=["tiny", "mobile"]
)
def test_attention(loss, reference, heads, numbers, mask):
    student, teacher = (numbers.normal(0, 3, (N, h, T, T)) for h in heads)
    found = loss(tensor(student), tensor(teacher), torch.tensor(mask)).item()
    assert found == pytest.approx(reference(student, teacher, mask), rel=1e-4)
    assert loss(tensor(teacher), tensor(teacher), torch.tensor(mask)).item() == pytest.approx(0, abs=1e-6)
    pads = (mask[:, None, :, None] * mask[:, None, None, :] == 0) & np.ones_like(student, bool)
    student[pads] = 50.0
    assert loss(tensor(student), tensor(teacher), torch.tensor(mask)).item() == pytest.approx(found, rel=1e-6)


@pytest.mark.parametrize("loss", [attention_loss, attention_transfer_loss])
def test_gradients_of_attention_stay_numbers(loss, numbers, mask):
    student, teacher = (tensor(numbers.normal(0, 60, (N, 4, T, T))) for _ in range(2))
    student.requires_grad_(True)
    loss(student, teacher, torch.tensor(mask)).backward()
    assert torch.isfinite(student.grad).all() and student.grad.abs().max() > 0


def test_feature_maps(numbers, mask):
    student, teacher = numbers.normal(0.3, 2, (2, N, T, H))
    found = feature_map_loss(tensor(student), tensor(teacher), torch.tensor(mask)).item()
    assert found == pytest.approx(feature_map(student, teacher, mask), rel=1e-4)
    # LayerNorm sees no change here.
    moved = feature_map_loss(tensor(3 * teacher + 1), tensor(teacher), torch.tensor(mask)).item()
    means, variances = ((3 * teacher + 1).mean(-1) - teacher.mean(-1)) ** 2, 8 * teacher.var(-1)
    assert moved == pytest.approx(
        (5000 * means + 5 * variances)[mask == 1].mean(), rel=1e-3
    )  # LayerNorm sees no change


@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_soft_labels_have_the_gradient_of_the_papers_cross_entropy(numbers, temperature):
    student, teacher = numbers.normal(0, 3, (2, N, CLASSES))
    ours = tensor(student).requires_grad_(True)
    classes.soft_loss(ours, tensor(teacher), temperature).backward()
    # CE(p_t, p_s) has the gradient (p_s - p_t) / T for each row's logits.
    expected = (softmax(student / temperature) - softmax(teacher / temperature)) / temperature / N
    assert np.allclose(ours.grad.numpy(), temperature**2 * expected, atol=1e-6)


@pytest.fixture
def both(numbers, mask):
    """Outputs of a student with 12 heads and of a teacher with 4, two layers each, and the batch."""
    gold = np.array([[2], [np.nan], [0], [np.nan], [1]])
    batch = Batch(
        input_ids=torch.tensor(mask), attention_mask=torch.tensor(mask), token_type_ids=torch.tensor(mask),
        targets=tensor(gold), index=torch.arange(N),
    )  # fmt: skip
    made = [
        {
            "logits": numbers.normal(0, 3, (N, CLASSES)),
            "hidden_states": numbers.normal(0, 2, (2, N, T, H)),
            "attention_scores": numbers.normal(0, 2, (2, N, heads, T, T)),
        }
        for heads in (12, 4)
    ]
    outputs = [
        Outputs(**{k: tensor(v) if k == "logits" else tuple(map(tensor, v)) for k, v in of.items()}) for of in made
    ]
    return *made, *outputs, batch


def of_pairs(loss, student, teacher, mask, name):
    return [loss(a, b, mask) for a, b in zip(student[name], teacher[name], strict=True)]


def setting_of(**options):
    return Setting(options=DistillOptions(**options), kind=classes, depth=2, widths=(H, H + 1))


def test_methods_weigh_their_losses(both, mask):
    s, t, ours, theirs, batch = both
    setting = setting_of(temperature=3.0, hard_label_share=0.25, hidden_weight=2.0)
    gold, states = hard(s["logits"], batch.targets.numpy()), of_pairs(mse, s, t, mask, "hidden_states")

    expected = 0.75 * soft(s["logits"], t["logits"], 3.0) + 0.25 * gold
    assert logits.loss(setting, ours, theirs, batch).item() == pytest.approx(expected, rel=1e-4)
    both_terms = expected + 2.0 * np.mean(states)
    assert hidden.loss(setting, ours, theirs, batch).item() == pytest.approx(both_terms, rel=1e-4)
    squares = 0.75 * ((s["logits"] - t["logits"]) ** 2).mean() + 0.25 * gold
    assert logits_mse.loss(setting, ours, theirs, batch).item() == pytest.approx(squares, rel=1e-4)

    inner = sum(states) + sum(of_pairs(attention, s, t, mask, "attention_scores"))
    assert tinybert.intermediate_loss(ours, theirs, batch).item() == pytest.approx(inner, rel=1e-4)
    maps = of_pairs(feature_map, s, t, mask, "hidden_states")
    inner = np.mean(maps) + np.mean(of_pairs(transfer, s, t, mask, "attention_scores"))
    assert mobilebert.transfer_loss(ours, theirs, batch).item() == pytest.approx(inner, rel=1e-4)
    assert mobilebert.loss(setting, ours, theirs, batch).item() == pytest.approx(expected + 2 * inner, rel=1e-4)
