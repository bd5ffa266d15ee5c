"""Start a student from its teacher's own weights: chosen layers, and in them the units that matter most.

The residual stream, the heads' dimensions and the FFN neurons of a post-norm encoder can each be cut to a subset
without touching the rest. Which units matter is measured on real text:

* residual dimensions: energy of the hidden states, summed over all layers;
* a head's dimensions: |q| |k| for queries and keys, |v| |o| for values and outputs, o being the outgoing weights;
* FFN neurons: |activation| |outgoing weights|.

Queries are rescaled by sqrt(d_student / d_teacher), because attention divides scores by sqrt(d).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from transformers.activations import ACT2FN

from converters.encoder_weights import Dense, EncoderWeights, LayerWeights, Norm
from edgebert.errors import UserError
from edgebert.training.batches import Batch


@dataclass(frozen=True)
class Importance:
    """How much each unit of a teacher carries, by root mean square over real tokens."""

    residual: Tensor
    """[H], summed over the embedding output and all layers"""
    query_key: Tensor
    """[L, H]: |q| |k|"""
    value: Tensor
    """[L, H]: |v| |o|"""
    neuron: Tensor
    """[L, I]: |activation| |outgoing weights|"""
    pooled: Tensor
    """[H]: |activation| |outgoing weights| of the first layer of the head"""


@dataclass(frozen=True)
class Start:
    """How a student stands to its teacher at the first step."""

    layers: tuple[int, ...]
    """The teacher layer (from 0) that each student layer answers to."""
    residual: Tensor | None
    """[H_student], the teacher's residual dimensions that the student kept, ascending; None for another start."""


def layer_map(student: int, teacher: int) -> tuple[int, ...]:
    """Evenly spaced teacher layers (from 0), the last always among them: 4 of 12 gives 2, 5, 8, 11.

    TinyBERT's g(m) = 3m (Jiao et al. 2020), for any ratio.
    """
    return tuple(math.ceil((i + 1) * teacher / student) - 1 for i in range(student))


@torch.no_grad()
def measure(teacher: EncoderWeights, batches: Iterable[Batch]) -> Importance:
    """Run the teacher over some text and see which of its units are used."""
    gelu = ACT2FN[teacher.activation]
    sums = {name: 0.0 for name in ("residual", "q", "k", "v", "neuron", "pooled")}
    counts = {"tokens": 0, "rows": 0}
    for batch in batches:
        real = batch.attention_mask.bool()
        hidden = embed(teacher, batch)
        energy = {"residual": _energy(hidden, real)}
        stacks: dict[str, list[Tensor]] = {"q": [], "k": [], "v": [], "neuron": []}
        for layer in teacher.layers:
            q, k, v = (_linear(hidden, dense) for dense in (layer.q, layer.k, layer.v))
            context = attend(q, k, v, real, teacher.heads)
            hidden = _normed(hidden + _linear(context, layer.o), layer.attn_norm, teacher.eps)
            neurons = gelu(_linear(hidden, layer.up))
            hidden = _normed(hidden + _linear(neurons, layer.down), layer.out_norm, teacher.eps)
            energy["residual"] = energy["residual"] + _energy(hidden, real)
            for name, value in (("q", q), ("k", k), ("v", v), ("neuron", neurons)):
                stacks[name].append(_energy(value, real))
        head = teacher.head[0]
        pooled = ACT2FN[head.activation](_linear(hidden[:, 0], head.dense))
        energy |= {name: torch.stack(values) for name, values in stacks.items()}
        energy["pooled"] = pooled.square().sum(0)
        sums = {name: sums[name] + energy[name] for name in sums}
        counts["tokens"] += int(real.sum())
        counts["rows"] += len(pooled)

    rms = {name: (value / counts["rows" if name == "pooled" else "tokens"]).sqrt() for name, value in sums.items()}  # type: ignore[union-attr,operator]
    outgoing = torch.stack([layer.o.weight.norm(dim=0) for layer in teacher.layers])
    return Importance(
        residual=rms["residual"],
        query_key=rms["q"] * rms["k"],
        value=rms["v"] * outgoing,
        neuron=rms["neuron"] * torch.stack([layer.down.weight.norm(dim=0) for layer in teacher.layers]),
        pooled=rms["pooled"] * teacher.head[1].dense.weight.norm(dim=0),
    )


@torch.no_grad()
def transplant(teacher: EncoderWeights, importance: Importance, student: nn.Module) -> Start:
    """Fill a `BertForSequenceClassification` with the teacher's most important units.

    Args:
        teacher: weights of a fine-tuned classifier.
        importance: as `measure` found it.
        student: the model to fill, in place; narrower than the teacher, or as wide.

    Raises:
        UserError: if the student is wider, deeper, or has more heads than its teacher.
    """
    config = student.config
    _check_fits(teacher, config)
    layers = layer_map(config.num_hidden_layers, len(teacher.layers))
    kept = _top(importance.residual, config.hidden_size)
    bert = student.bert

    _embeddings(bert.embeddings, teacher, kept)
    for target, index in zip(bert.encoder.layer, layers, strict=True):
        source = teacher.layers[index]
        _attention(target.attention, source, importance, index, kept, teacher, config)
        neurons = _top(importance.neuron[index], config.intermediate_size)
        _dense(target.intermediate.dense, source.up, neurons, kept)
        _dense(target.output.dense, source.down, kept, neurons)
        _norm(target.output.LayerNorm, source.out_norm, kept)
    pooled = _top(importance.pooled, config.hidden_size)
    _dense(bert.pooler.dense, teacher.head[0].dense, pooled, kept)
    _dense(student.classifier, teacher.head[1].dense, torch.arange(config.num_labels), pooled)
    return Start(layers, kept)


def embed(weights: EncoderWeights, batch: Batch) -> Tensor:
    """The embedding output, [n, t, H]."""
    found = weights.word[batch.input_ids] + weights.position[: batch.input_ids.shape[1]]
    if weights.token_type is not None:
        types = batch.token_type_ids if weights.token_type.shape[0] > 1 else torch.zeros_like(batch.token_type_ids)
        found = found + weights.token_type[types]
    found = _normed(found, weights.embed_norm, weights.eps)
    return found if weights.projection is None else _linear(found, weights.projection)


def attend(q: Tensor, k: Tensor, v: Tensor, real: Tensor, heads: int) -> Tensor:
    """Attention of ``heads`` heads over real tokens, [n, t, H]."""
    split = [x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in (q, k, v)]
    found = F.scaled_dot_product_attention(*split, attn_mask=real[:, None, None, :])
    return found.transpose(1, 2).flatten(2)


def _attention(
    target: nn.Module, source: LayerWeights, importance: Importance, index: int, kept: Tensor, teacher: EncoderWeights,
    config: object,
) -> None:  # fmt: skip
    heads: int = config.num_attention_heads  # type: ignore[attr-defined]
    width: int = config.hidden_size // heads  # type: ignore[attr-defined]
    query_key = _top_per_head(importance.query_key[index], heads, width)
    value = _top_per_head(importance.value[index], heads, width)
    inner = target.self
    _dense(inner.query, source.q, query_key, kept)
    rescale = math.sqrt(width / (source.q.weight.shape[0] / teacher.heads))
    inner.query.weight.mul_(rescale)  # type: ignore[operator, union-attr]
    inner.query.bias.mul_(rescale)  # type: ignore[operator, union-attr]
    _dense(inner.key, source.k, query_key, kept)
    _dense(inner.value, source.v, value, kept)
    _dense(target.output.dense, source.o, kept, value)
    _norm(target.output.LayerNorm, source.attn_norm, kept)


def _embeddings(target: nn.Module, teacher: EncoderWeights, kept: Tensor) -> None:
    word, position, types, norm = teacher.word, teacher.position, teacher.token_type, teacher.embed_norm
    if teacher.projection is not None:  # ELECTRA normalises before it projects: near, not the same
        through = teacher.projection.weight.T
        word, position = word @ through, position @ through
        types = None if types is None else types @ through
        norm = Norm(torch.ones(through.shape[1]), teacher.projection.bias)
    target.word_embeddings.weight.copy_(word[:, kept])  # type: ignore[operator, union-attr]
    rows = min(len(position), target.position_embeddings.weight.shape[0])  # type: ignore[index, arg-type, union-attr]
    target.position_embeddings.weight[:rows].copy_(position[:rows, kept])  # type: ignore[index, operator, union-attr]
    target.token_type_embeddings.weight.zero_()  # type: ignore[operator, union-attr]
    if types is not None:
        target.token_type_embeddings.weight[: len(types)].copy_(types[:, kept])  # type: ignore[index, operator, union-attr]
    _norm(target.LayerNorm, norm, kept)


def _check_fits(teacher: EncoderWeights, config: object) -> None:
    sizes = {
        "layers": (config.num_hidden_layers, len(teacher.layers)),  # type: ignore[attr-defined]
        "hidden size": (config.hidden_size, teacher.width),  # type: ignore[attr-defined]
        "FFN size": (config.intermediate_size, teacher.layers[0].up.weight.shape[0]),  # type: ignore[attr-defined]
        "heads": (config.num_attention_heads, teacher.heads),  # type: ignore[attr-defined]
    }
    for what, (student, teachers) in sizes.items():
        if student > teachers:
            raise UserError(
                f"--init teacher takes the student out of the teacher, but the student's {what} is {student} "
                f"and the teacher's {teachers}.",
                "Choose a smaller --student, or --init random.",
            )


def _top(importance: Tensor, count: int) -> Tensor:
    return importance.topk(count).indices.sort().values


def _top_per_head(importance: Tensor, heads: int, width: int) -> Tensor:
    """The ``width`` best dimensions of each student head, out of its equal share of the teacher's."""
    pools = importance.reshape(heads, -1)
    best = pools.topk(width, dim=1).indices.sort(dim=1).values
    return (best + torch.arange(heads)[:, None] * pools.shape[1]).flatten()


def _dense(target: nn.Module, source: Dense, rows: Tensor, columns: Tensor) -> None:
    target.weight.copy_(source.weight[rows][:, columns])  # type: ignore[operator, union-attr]
    target.bias.copy_(source.bias[rows])  # type: ignore[operator, union-attr]


def _norm(target: nn.Module, source: Norm, kept: Tensor) -> None:
    target.weight.copy_(source.weight[kept])  # type: ignore[operator, union-attr]
    target.bias.copy_(source.bias[kept])  # type: ignore[operator, union-attr]


def _linear(x: Tensor, dense: Dense) -> Tensor:
    return F.linear(x, dense.weight, dense.bias)


def _normed(x: Tensor, norm: Norm, eps: float) -> Tensor:
    return F.layer_norm(x, norm.weight.shape, norm.weight, norm.bias, eps)


def _energy(values: Tensor, real: Tensor) -> Tensor:
    return values[real].square().sum(0)
