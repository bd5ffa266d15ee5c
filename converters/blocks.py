"""Building blocks of inference graphs: no dropout, no training, no control flow that looks at data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from converters.encoder_weights import Dense, LayerWeights, Norm
from converters.errors import ConversionError, UnsupportedModel
from converters.graph_spec import Probability

MASKED = -1e4
"""Added to the scores of padding: far enough below them that their softmax is exactly 0 in float32, and finite in
float16."""

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "gelu": nn.GELU,
    "gelu_python": nn.GELU,
    "gelu_new": lambda: nn.GELU("tanh"),
    "gelu_fast": lambda: nn.GELU("tanh"),
    "gelu_pytorch_tanh": lambda: nn.GELU("tanh"),
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "swish": nn.SiLU,
    "tanh": nn.Tanh,
}
"""Activations by their Hugging Face names."""


def activation(name: str) -> nn.Module:
    """An activation by its Hugging Face name.

    Raises:
        UnsupportedModel: for a name not in `ACTIVATIONS`.
    """
    if name not in ACTIVATIONS:
        raise UnsupportedModel(f"The activation '{name}' has no lean form; there are: {', '.join(ACTIVATIONS)}.")
    return ACTIVATIONS[name]()


def probabilities(name: Probability | None) -> nn.Module:
    """What makes probabilities of logits [batch, labels].

    Raises:
        ConversionError: where nothing does.
    """
    if name is None:
        raise ConversionError("Logits that are numbers have no probabilities: ask for logits.")
    return nn.Sigmoid() if name == "sigmoid" else nn.Softmax(-1)


def additive_mask(attention_mask: Tensor) -> Tensor:
    """What to add to the scores: 0 for a token, `MASKED` for padding.

    Args:
        attention_mask: int32 [batch, length], 1 for a token.

    Returns:
        float32 [batch, 1, 1, length]. Arithmetic only: comparisons become operators that phones lack.
    """
    return (1.0 - attention_mask[:, None, None, :].float()) * MASKED


class LastToken(torch.autograd.Function):
    """The place [1] of the last token of any text, the last place where there is none; mask int32 [batch, length].

    The operators are those whose form no later opset changes: int4 files have a later one.
    """

    @staticmethod
    def forward(ctx: Any, mask: Tensor) -> Tensor:
        """What torch computes."""
        return mask.shape[1] - 1 - mask.amax(0).flip(0).argmax(0, keepdim=True)

    @staticmethod
    def symbolic(g: Any, mask: Any) -> Any:
        """What the exporter writes."""
        count = g.op("ReduceSum", mask, g.op("Constant", value_t=torch.tensor([0])), keepdims_i=0)
        return g.op("ArgMax", g.op("Sign", count), axis_i=0, keepdims_i=1, select_last_index_i=1)


def longest(attention_mask: Tensor) -> Tensor:
    """Length [1] of the longest text in a mask int32 [batch, length]; all of it where no text has a token."""
    last: Tensor = LastToken.apply(attention_mask)  # type: ignore[no-untyped-call]
    return last + 1


def linear(dense: Dense, scale: float = 1.0) -> nn.Linear:
    """A linear layer on the given weights themselves, or on a copy of them times ``scale``; a bias of zeros is none."""
    weight, bias = (dense.weight, dense.bias) if scale == 1.0 else (dense.weight * scale, dense.bias * scale)
    biased = bool(bias.any())
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias=biased, device="meta")  # no memory of its own
    layer.weight = nn.Parameter(weight, requires_grad=False)
    if biased:
        layer.bias = nn.Parameter(bias, requires_grad=False)
    return layer


def layer_norm(norm: Norm, eps: float) -> nn.LayerNorm:
    """A layer normalisation on the given weights themselves."""
    layer = nn.LayerNorm(norm.weight.shape[0], eps=eps, device="meta")
    layer.weight = nn.Parameter(norm.weight, requires_grad=False)
    layer.bias = nn.Parameter(norm.bias, requires_grad=False)
    return layer


def table(rows: Tensor) -> nn.Embedding:
    """A lookup table on the given rows themselves."""
    return nn.Embedding(rows.shape[0], rows.shape[1], _weight=rows, _freeze=True)


def without_biases(layer: LayerWeights) -> LayerWeights:
    """The same layer with zeros for the biases of keys and values.

    W_o (v + b_v) + b_o = W_o v + (W_o b_v + b_o) under weights that sum to 1; b_k moves all scores of a query alike.
    """
    k, v, o = layer.k, layer.v, layer.o
    return replace(
        layer,
        k=Dense(k.weight, torch.zeros_like(k.bias)),
        v=Dense(v.weight, torch.zeros_like(v.bias)),
        o=Dense(o.weight, o.bias + o.weight @ v.bias),
    )


class Attention(nn.Module):
    """Multi-head attention (Vaswani et al. 2017); the scale of the scores is folded into the queries.

    Args:
        weights: of the layer.
        heads: how many.
        length_first: whether tokens come as [length, batch], see `Reductions`; else as [batch, length].
    """

    def __init__(self, weights: LayerWeights, heads: int, length_first: bool = False) -> None:
        super().__init__()
        width = weights.q.weight.shape[0]
        self.heads, self.width, self.head_width = heads, width, width // heads
        self.length_first = length_first
        self.q = linear(weights.q, scale=self.head_width**-0.5)
        self.k = linear(weights.k)
        self.v = linear(weights.v)
        self.o = linear(weights.o)

    def forward(self, rows: Tensor, x: Tensor, mask: Tensor) -> Tensor:
        """``rows`` look at all of ``x``.

        Args:
            rows: [batch, queries, width] or [batch * queries, width]; [queries, batch, ...] if length comes first.
            x: [batch, length, width] or [batch * length, width]; [length, batch, ...] if length comes first.
            mask: see `additive_mask`.

        Returns:
            What is added to ``rows``, in their shape.
        """
        q, k, v = (self._split(y, mask.shape[0]) for y in (self.q(rows), self.k(x), self.v(x)))
        scores = torch.matmul(q, k.transpose(-1, -2)) + mask
        context = torch.matmul(scores.softmax(-1), v)
        context = context.permute(2, 0, 1, 3) if self.length_first else context.transpose(1, 2)
        # A constant shape costs no operators.
        out: Tensor = self.o(context.reshape(-1, self.width) if rows.dim() == 2 else context.reshape_as(rows))
        return out

    def _split(self, x: Tensor, batch: int) -> Tensor:
        """To [batch, heads, length, head width]."""
        if self.length_first:
            return x.view(-1, batch, self.heads, self.head_width).permute(1, 2, 0, 3)
        return x.view(batch, -1, self.heads, self.head_width).transpose(1, 2)


class AbsorbedAttention(nn.Module):
    """`Attention` of one row of each text, without keys and values of the others.

    In a head, q . (W_k x_t) = (W_k^T q) . x_t, and sum_t p_t W_v x_t = W_v sum_t p_t x_t: its query goes through W_k^T
    and meets the tokens themselves, and what it reads of them goes through W_v. That is heads x width^2 multiply-adds
    for each of the two, in place of length x width^2. Arguments as `Attention` has them.
    """

    def __init__(self, weights: LayerWeights, heads: int, length_first: bool = False) -> None:
        super().__init__()
        folded, width = without_biases(weights), weights.q.weight.shape[0]
        self.width, self.length_first = width, length_first
        self.q = linear(weights.q, scale=(width // heads) ** -0.5)
        self.k = linear(turned(weights.k.weight))
        self.v = linear(folded.v)
        self.o = linear(folded.o)
        self.own = nn.Buffer(own(heads, width))

    def forward(self, rows: Tensor, x: Tensor, mask: Tensor) -> Tensor:
        """``rows`` [batch, width] look at all of ``x``, see `Attention.forward`."""
        if self.length_first:
            tokens = x.view(-1, mask.shape[0], self.width).transpose(0, 1)
        else:
            tokens = x.view(mask.shape[0], -1, self.width)
        query = self.k(self.q(rows)[:, None] * self.own)  # [batch, heads, width]
        scores = torch.matmul(query, tokens.transpose(-1, -2)) + mask[:, 0]
        read = self.v(torch.matmul(scores.softmax(-1), tokens))
        out: Tensor = self.o((read * self.own).sum(1))
        return out


def turned(weight: Tensor) -> Dense:
    """The map of the transposed weight, without bias."""
    return Dense(weight.T.contiguous(), torch.zeros(weight.shape[1]))


def own(heads: int, width: int) -> Tensor:
    """Which columns belong to a head: 1 there, 0 elsewhere, float32 [heads, width]."""
    return torch.eye(heads).repeat_interleave(width // heads, 1)


class Layer(nn.Module):
    """One post-norm encoder layer, computed for the rows that are asked for."""

    def __init__(self, weights: LayerWeights, attention: nn.Module, activation_name: str, eps: float) -> None:
        super().__init__()
        self.attention = attention
        self.attn_norm = layer_norm(weights.attn_norm, eps)
        self.up = linear(weights.up)
        self.activation = activation(activation_name)
        self.down = linear(weights.down)
        self.out_norm = layer_norm(weights.out_norm, eps)

    def forward(self, rows: Tensor, x: Tensor, mask: Tensor) -> Tensor:
        """The next ``rows``, given all of this layer's input ``x``; shapes as its attention takes them."""
        rows = self.attn_norm(rows + self.attention(rows, x, mask))
        out: Tensor = self.out_norm(rows + self.down(self.activation(self.up(rows))))
        return out
