"""Start a student from its teacher's own weights: chosen layers, and in them the units that matter most.

The residual stream, the heads' dimensions and the FFN neurons of a post-norm encoder can each be cut to a subset
without touching the rest. A student head is cut out of one teacher head, or of as many as there are for each, side by
side; where some are left over, those that write least are dropped. Queries are rescaled by sqrt(d_student / d_teacher),
because attention divides scores by sqrt(d).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from converters.encoder_weights import Dense, EncoderWeights, LayerWeights, Norm
from edgebert.students.fits import SIZES, check_sizes, sizes
from edgebert.students.importance import Importance

Module = Any
"""A module of transformers; its parts are known by name only."""


@dataclass(frozen=True)
class Start:
    """How a student stands to its teacher at the first step."""

    layers: tuple[int, ...]
    """The teacher layer (from 0) that each student layer answers to."""
    residual: Tensor | None
    """[H_student], the teacher's residual dimensions that the student kept, ascending; None for another start."""


@torch.no_grad()
def transplant(teacher: EncoderWeights, importance: Importance, student: Module, layers: tuple[int, ...]) -> Start:
    """Fill a `BertForSequenceClassification` with the teacher's most important units.

    Args:
        teacher: weights of a fine-tuned classifier.
        importance: of the teacher's units.
        student: the model to fill, in place; narrower than the teacher, or as wide.
        layers: the teacher layer (from 0) that each student layer is taken from.

    Raises:
        UserError: if the student is wider, deeper, or has more heads than its teacher.
    """
    config = student.config
    theirs = (len(teacher.layers), teacher.width, len(teacher.layers[0].up.weight), teacher.heads)
    check_sizes(sizes(config.to_dict()), dict(zip(SIZES, theirs, strict=True)))
    kept = _top(importance.residual, config.hidden_size)
    _embeddings(student.bert.embeddings, teacher, kept)
    for target, index in zip(student.bert.encoder.layer, layers, strict=True):
        source = teacher.layers[index]
        heads = (config.num_attention_heads, teacher.heads)
        _attention(target.attention, source, importance, index, kept, heads)
        neurons = _top(importance.neuron[index], config.intermediate_size)
        _dense(target.intermediate.dense, source.up, neurons, kept)
        _dense(target.output.dense, source.down, kept, neurons)
        _norm(target.output.LayerNorm, source.out_norm, kept)
    pooled = _top(importance.pooled, config.hidden_size)
    _dense(student.bert.pooler.dense, teacher.head[0].dense, pooled, kept)
    _dense(student.classifier, teacher.head[1].dense, torch.arange(config.num_labels), pooled)
    return Start(layers, kept)


def _attention(
    target: Module, source: LayerWeights, importance: Importance, index: int, kept: Tensor, heads: tuple[int, int]
) -> None:
    """Fill one attention; ``heads`` of the student and of the teacher."""
    ours, theirs = len(kept) // heads[0], len(source.q.weight) // heads[1]  # dimensions of a head
    pools = _pools(importance.value[index], heads)
    query_key = _top_per_head(importance.query_key[index], pools, ours)
    value = _top_per_head(importance.value[index], pools, ours)
    inner = target.self
    _dense(inner.query, source.q, query_key, kept)
    _dense(inner.key, source.k, query_key, kept)
    _dense(inner.value, source.v, value, kept)
    _dense(target.output.dense, source.o, kept, value)
    _norm(target.output.LayerNorm, source.attn_norm, kept)
    inner.query.weight.mul_(math.sqrt(ours / theirs))
    inner.query.bias.mul_(math.sqrt(ours / theirs))


def embedding_tables(teacher: EncoderWeights) -> tuple[Tensor, Tensor, Tensor | None, Norm]:
    """Words, positions and token types as wide as the teacher, and the normalisation of their sum."""
    word, position, types, norm = teacher.word, teacher.position, teacher.token_type, teacher.embed_norm
    if teacher.projection is not None:  # ELECTRA normalises before it projects: near, not the same
        through = teacher.projection.weight.T
        word, position = word @ through, position @ through
        types = None if types is None else types @ through
        norm = Norm(torch.ones(through.shape[1]), teacher.projection.bias)
    return word, position, types, norm


def _embeddings(target: Module, teacher: EncoderWeights, kept: Tensor) -> None:
    word, position, types, norm = embedding_tables(teacher)
    target.word_embeddings.weight.copy_(word[:, kept])
    rows = min(len(position), len(target.position_embeddings.weight))
    target.position_embeddings.weight[:rows].copy_(position[:rows, kept])
    target.token_type_embeddings.weight.zero_()
    if types is not None:
        target.token_type_embeddings.weight[: len(types)].copy_(types[:, kept])
    _norm(target.LayerNorm, norm, kept)


def _top(importance: Tensor, count: int) -> Tensor:
    return importance.topk(count).indices.sort().values


def _pools(value: Tensor, heads: tuple[int, int]) -> Tensor:
    """[H_student, dimensions], the teacher's dimensions that each student head may be taken from."""
    by_head = torch.arange(len(value)).reshape(heads[1], -1)
    written = value.reshape(heads[1], -1).square().sum(1)
    return by_head[_top(written, heads[1] // heads[0] * heads[0])].reshape(heads[0], -1)


def _top_per_head(importance: Tensor, pools: Tensor, width: int) -> Tensor:
    """The ``width`` best dimensions of each student head, ascending."""
    best = importance[pools].topk(width, dim=1).indices.sort(dim=1).values
    return pools.gather(1, best).flatten()


def _dense(target: Module, source: Dense, rows: Tensor, columns: Tensor) -> None:
    target.weight.copy_(source.weight[rows][:, columns])
    target.bias.copy_(source.bias[rows])


def _norm(target: Module, source: Norm, kept: Tensor) -> None:
    target.weight.copy_(source.weight[kept])
    target.bias.copy_(source.bias[kept])
