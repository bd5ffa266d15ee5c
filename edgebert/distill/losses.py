"""The losses of distillation below the logits, each with its formula; those on logits are the kind's."""

from __future__ import annotations

import math

import torch.nn.functional as F
from torch import Tensor

MASKED = -1e4
"""A score whose softmax is 0 and whose log is still a number."""


def logits_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """Logits themselves (Tang et al. 2019): ||z_s - z_t||^2, mean over rows and outputs.

    Args:
        student: logits [n, outputs].
        teacher: logits [n, outputs].
    """
    return (student.float() - teacher).square().mean()


def hidden_loss(student: Tensor, teacher: Tensor, attention_mask: Tensor) -> Tensor:
    """Hidden states (TinyBERT, Jiao et al. 2020, eq. 8): MSE(H_s W, H_t), mean over real tokens and dimensions.

    The embedding loss, MSE(E_s W, E_t), is the same of the embedding outputs.

    Args:
        student: H_s W, already projected, [n, t, H_teacher].
        teacher: H_t, [n, t, H_teacher].
        attention_mask: [n, t], 1 for a token and 0 for padding.
    """
    squares = (student - teacher).square().mean(dim=-1)
    return (squares * attention_mask).sum() / attention_mask.sum()


def attention_loss(student: Tensor, teacher: Tensor, attention_mask: Tensor) -> Tensor:
    """Attention (TinyBERT, Jiao et al. 2020): (1 / h) sum_i MSE(A_i^s, A_i^t) of scores before the softmax.

    The mean is over pairs of real tokens; the authors' code counts masked pairs as zeros. Unequal numbers of heads
    are compared in groups, see `grouped`.

    Args:
        student: A^s [n, heads, t, t].
        teacher: A^t [n, heads of the teacher, t, t].
        attention_mask: [n, t], 1 for a token and 0 for padding.
    """
    heads = math.gcd(student.shape[1], teacher.shape[1])
    squares = (grouped(student, heads) - grouped(teacher, heads)).square().mean(dim=1)
    pairs = attention_mask[:, :, None] * attention_mask[:, None, :]
    return (squares * pairs).sum() / pairs.sum()


def attention_transfer_loss(student: Tensor, teacher: Tensor, attention_mask: Tensor) -> Tensor:
    """Attention transfer (MobileBERT, Sun et al. 2020): KL(a_t || a_s) of each head and token, a = softmax(A).

    Mean over heads and real tokens, over whose pairs alone the softmax runs. The authors' code has the cross-entropy,
    larger by the teacher's entropy, which has no gradient. Unequal numbers of heads are compared in groups, see
    `grouped`: the mean of distributions is one.

    Args:
        student: A^s [n, heads, t, t].
        teacher: A^t [n, heads of the teacher, t, t].
        attention_mask: [n, t], 1 for a token and 0 for padding.
    """
    heads = math.gcd(student.shape[1], teacher.shape[1])
    ours, theirs = (_log_distributions(scores.float(), attention_mask, heads) for scores in (student, teacher))
    divergence = (theirs.exp() * (theirs - ours)).sum(dim=-1).mean(dim=1)
    return (divergence * attention_mask).sum() / attention_mask.sum()


def _log_distributions(scores: Tensor, attention_mask: Tensor, groups: int) -> Tensor:
    """The log of the mean of each group of attention distributions, over real tokens."""
    masked = scores.masked_fill(attention_mask[:, None, None, :] == 0, MASKED).log_softmax(dim=-1)
    each = _in_groups(masked, groups)
    return each.logsumexp(dim=2) - math.log(each.shape[2])


def _in_groups(heads: Tensor, groups: int) -> Tensor:
    """[n, heads, t, t] as [n, groups, heads of a group, t, t]."""
    return heads.reshape(len(heads), groups, -1, *heads.shape[2:])


def grouped(heads: Tensor, groups: int) -> Tensor:
    """The mean of each group of neighbouring heads: [n, heads, t, t] to [n, groups, t, t].

    Ours, since both papers have as many heads on both sides: 12 heads against 4 are compared as 4 means of 3, and
    numbers without a common divisor as the mean over all. A student taken out of its teacher has its heads from
    neighbouring ones of the teacher.
    """
    return _in_groups(heads, groups).mean(dim=2)


def feature_map_loss(student: Tensor, teacher: Tensor, attention_mask: Tensor) -> Tensor:
    """Feature maps (MobileBERT, Sun et al. 2020): 100 MSE(LN(H_s), LN(H_t)) + 5000 (m_s - m_t)^2 + 5 |v_s - v_t|.

    LN is LayerNorm without parameters, m and v are the mean and the variance of a token's features, and all three are
    means over real tokens; weights are those of the official configuration. Its code takes m_t and v_t over the list
    of all teacher layers; here they are those of the layer that is compared.

    Args:
        student: H_s [n, t, H_teacher], projected where it had another width.
        teacher: H_t [n, t, H_teacher].
        attention_mask: [n, t], 1 for a token and 0 for padding.
    """
    ours, theirs = student.float(), teacher.float()
    shape = ours.shape[-1:]
    maps = (F.layer_norm(ours, shape) - F.layer_norm(theirs, shape)).square().mean(dim=-1)
    means = (ours.mean(dim=-1) - theirs.mean(dim=-1)).square()
    variances = (ours.var(dim=-1, correction=0) - theirs.var(dim=-1, correction=0)).abs()
    each = 100 * maps + 5000 * means + 5 * variances
    return (each * attention_mask).sum() / attention_mask.sum()
