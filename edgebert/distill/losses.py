"""The losses of distillation, each with its formula."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def soft_label_loss(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Soft labels (Hinton et al. 2015): T^2 * KL(softmax(z_t / T) || softmax(z_s / T)), mean over rows.

    Args:
        student: logits [n, classes].
        teacher: logits [n, classes].
        temperature: T; T^2 keeps the gradient's size when T changes.
    """
    return temperature**2 * F.kl_div(
        F.log_softmax(student / temperature, dim=-1),
        F.log_softmax(teacher / temperature, dim=-1),
        reduction="batchmean",
        log_target=True,
    )


def hard_label_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy against the gold labels, mean over the rows that carry one (label >= 0); 0 where none does.

    Args:
        logits: [n, classes].
        labels: [n], -1 for a row without a label.
    """
    total = F.cross_entropy(logits, labels, ignore_index=-1, reduction="sum")
    return total / (labels >= 0).sum().clamp(min=1)


def hidden_loss(student: Tensor, teacher: Tensor, attention_mask: Tensor) -> Tensor:
    """Hidden states (TinyBERT, Jiao et al. 2020, eq. 8): MSE(H_s W, H_t), mean over real tokens and dimensions.

    Args:
        student: H_s W, already projected, [n, t, H_teacher].
        teacher: H_t, [n, t, H_teacher].
        attention_mask: [n, t], 1 for a token and 0 for padding.
    """
    squares = (student - teacher).square().mean(dim=-1)
    return (squares * attention_mask).sum() / attention_mask.sum()
