"""The losses of distillation below the logits, each with its formula; those on logits are the kind's."""

from __future__ import annotations

from torch import Tensor


def hidden_loss(student: Tensor, teacher: Tensor, attention_mask: Tensor) -> Tensor:
    """Hidden states (TinyBERT, Jiao et al. 2020, eq. 8): MSE(H_s W, H_t), mean over real tokens and dimensions.

    Args:
        student: H_s W, already projected, [n, t, H_teacher].
        teacher: H_t, [n, t, H_teacher].
        attention_mask: [n, t], 1 for a token and 0 for padding.
    """
    squares = (student - teacher).square().mean(dim=-1)
    return (squares * attention_mask).sum() / attention_mask.sum()
