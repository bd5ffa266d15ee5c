"""Attention scores of a transformers model: q k^T / sqrt(d) of every head, before the mask and the softmax.

Its families take their attention from a table of functions. While scores are asked for, they take one that gives what
the usual one gives, and the scores where others give their weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

NAME = "edgebert_scores"


def supports_scores(model: nn.Module) -> bool:
    """Whether a model's family takes its attention from the table."""
    return bool(getattr(model, "_supports_attention_backend", False))


@contextmanager
def scores_for_weights(model: Any) -> Iterator[None]:
    """Within the block, a model called with `output_attentions=True` gives scores, float32 [n, heads, t, t] a layer."""
    usual = model.config._attn_implementation
    model.set_attn_implementation(NAME)
    try:
        yield
    finally:
        model.set_attn_implementation(usual)


def _attend(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, *,
    scaling: float, dropout: float = 0.0, output_attentions: bool | None = None, **more: Any,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    output, _ = sdpa_attention_forward(
        module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **more
    )
    # bf16 keeps eight bits: a score of 20 would be off by up to 0.06, as much as what is to be learnt.
    with torch.autocast(query.device.type, enabled=False):
        scores = query.float() @ key.float().transpose(2, 3) * scaling
    return output, scores


AttentionInterface.register(NAME, _attend)
AttentionMaskInterface.register(NAME, sdpa_mask)
