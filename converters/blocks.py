"""Building blocks of inference graphs: no dropout, no training, no control flow that looks at data."""

from __future__ import annotations

from collections.abc import Callable

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


def linear(dense: Dense, scale: float = 1.0) -> nn.Linear:
    """A linear layer on the given weights themselves, or on a copy of them times ``scale``."""
    layer = nn.Linear(dense.weight.shape[1], dense.weight.shape[0], device="meta")  # no memory of its own
    weight, bias = (dense.weight, dense.bias) if scale == 1.0 else (dense.weight * scale, dense.bias * scale)
    layer.weight = nn.Parameter(weight, requires_grad=False)
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


class Attention(nn.Module):
    """Multi-head attention (Vaswani et al. 2017); the scale of the scores is folded into the queries."""

    def __init__(self, weights: LayerWeights, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.head_width = weights.q.weight.shape[0] // heads
        self.q = linear(weights.q, scale=self.head_width**-0.5)
        self.k = linear(weights.k)
        self.v = linear(weights.v)
        self.o = linear(weights.o)

    def forward(self, rows: Tensor, x: Tensor, mask: Tensor) -> Tensor:
        """``rows`` [batch, queries, width] look at all of ``x`` [batch, length, width]."""
        q, k, v = self._split(self.q(rows)), self._split(self.k(x)), self._split(self.v(x))
        scores = torch.matmul(q, k.transpose(-1, -2)) + mask
        context = torch.matmul(scores.softmax(-1), v)
        out: Tensor = self.o(context.transpose(1, 2).flatten(2))
        return out

    def _split(self, x: Tensor) -> Tensor:
        """[batch, length, width] to [batch, heads, length, head width]."""
        return x.view(x.shape[0], x.shape[1], self.heads, self.head_width).transpose(1, 2)


class Layer(nn.Module):
    """One post-norm encoder layer, computed for the rows that are asked for."""

    def __init__(self, weights: LayerWeights, heads: int, activation_name: str, eps: float) -> None:
        super().__init__()
        self.attention = Attention(weights, heads)
        self.attn_norm = layer_norm(weights.attn_norm, eps)
        self.up = linear(weights.up)
        self.activation = activation(activation_name)
        self.down = linear(weights.down)
        self.out_norm = layer_norm(weights.out_norm, eps)

    def forward(self, rows: Tensor, x: Tensor, mask: Tensor) -> Tensor:
        """The next ``rows`` [batch, queries, width], given all of this layer's input ``x``."""
        rows = self.attn_norm(rows + self.attention(rows, x, mask))
        out: Tensor = self.out_norm(rows + self.down(self.activation(self.up(rows))))
        return out
