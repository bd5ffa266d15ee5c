"""Which units of a teacher matter, measured on real text.

* residual dimensions: energy of the hidden states, summed over the embedding output and all layers;
* a head's dimensions: |q| |k| for queries and keys, |v| |o| for values, o being the outgoing weights;
* FFN neurons and the head's inner units: |activation| |outgoing weights|.

|x| is the root mean square over real tokens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers.activations import ACT2FN

from converters.encoder_weights import Dense, EncoderWeights, Norm
from edgebert.training.batches import Batch


@dataclass(frozen=True)
class Importance:
    """How much each unit of a teacher of L layers, H wide, carries."""

    residual: Tensor
    """[H]"""
    query_key: Tensor
    """[L, H]"""
    value: Tensor
    """[L, H]"""
    neuron: Tensor
    """[L, I]"""
    pooled: Tensor
    """[H], the inner units of the classification head"""


@torch.no_grad()
def measure(teacher: EncoderWeights, batches: Iterable[Batch]) -> Importance:
    """Run the teacher over some text and see which of its units are used.

    Args:
        teacher: weights of a fine-tuned classifier.
        batches: text of its task.
    """
    depth = len(teacher.layers)
    residual, pooled = _Mean(), _Mean()
    q, k, v, neurons = ([_Mean() for _ in range(depth)] for _ in range(4))
    activation = ACT2FN[teacher.activation]
    for batch in batches:
        real = batch.attention_mask.bool()
        hidden = _embed(teacher, batch)
        residual.add(hidden[real])
        for index, layer in enumerate(teacher.layers):
            queries, keys, values = (_linear(hidden, dense) for dense in (layer.q, layer.k, layer.v))
            context = _attend(queries, keys, values, real, teacher.heads)
            hidden = _normed(hidden + _linear(context, layer.o), layer.attn_norm, teacher.eps)
            inner = activation(_linear(hidden, layer.up))
            hidden = _normed(hidden + _linear(inner, layer.down), layer.out_norm, teacher.eps)
            for mean, value in ((q, queries), (k, keys), (v, values), (neurons, inner)):
                mean[index].add(value[real])
            residual.add(hidden[real])
        pooled.add(ACT2FN[teacher.head[0].activation](_linear(hidden[:, 0], teacher.head[0].dense)))
    return Importance(
        residual=residual.rms(),
        query_key=_stack(q) * _stack(k),
        value=_stack(v) * torch.stack([layer.o.weight.norm(dim=0) for layer in teacher.layers]),
        neuron=_stack(neurons) * torch.stack([layer.down.weight.norm(dim=0) for layer in teacher.layers]),
        pooled=pooled.rms() * teacher.head[1].dense.weight.norm(dim=0),
    )


class _Mean:
    """Root mean square of each column of all rows added."""

    def __init__(self) -> None:
        self.total: Tensor | None = None
        self.rows = 0

    def add(self, values: Tensor) -> None:
        energy = values.square().sum(0)
        self.total = energy if self.total is None else self.total + energy
        self.rows += len(values)

    def rms(self) -> Tensor:
        assert self.total is not None
        return (self.total / self.rows).sqrt()


def _stack(means: list[_Mean]) -> Tensor:
    return torch.stack([mean.rms() for mean in means])


def _embed(weights: EncoderWeights, batch: Batch) -> Tensor:
    """The embedding output, [n, t, H]."""
    found = weights.word[batch.input_ids] + weights.position[: batch.input_ids.shape[1]]
    if weights.token_type is not None:
        types = batch.token_type_ids if len(weights.token_type) > 1 else torch.zeros_like(batch.token_type_ids)
        found = found + weights.token_type[types]
    found = _normed(found, weights.embed_norm, weights.eps)
    return found if weights.projection is None else _linear(found, weights.projection)


def _attend(q: Tensor, k: Tensor, v: Tensor, real: Tensor, heads: int) -> Tensor:
    """Attention of ``heads`` heads over real tokens, [n, t, H]."""
    n, length, width = q.shape
    q, k, v = (x.reshape(n, length, heads, -1).transpose(1, 2) for x in (q, k, v))
    found = F.scaled_dot_product_attention(q, k, v, attn_mask=real[:, None, None, :])
    return found.transpose(1, 2).reshape(n, length, width)


def _linear(x: Tensor, dense: Dense) -> Tensor:
    return F.linear(x, dense.weight, dense.bias)


def _normed(x: Tensor, norm: Norm, eps: float) -> Tensor:
    return F.layer_norm(x, norm.weight.shape, norm.weight, norm.bias, eps)
