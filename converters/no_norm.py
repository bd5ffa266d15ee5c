"""NoNorm (Sun et al. 2020), x -> w x + b element by element, folded into the products around it for good.

Behind a product it is part of that product. Behind a residual sum it is not: there the stream is kept in a basis of its
own, u with x = scale u + shift. What reads the stream reads scale and shift with its own weights, what is added to it
is divided by scale, and scale and shift change from norm to norm while the graph adds u and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from converters.encoder_weights import Dense

DRIFT = 8.0
"""Where a scale leaves [1 / DRIFT, DRIFT], the stream is multiplied by it and begins again at 1: far scales would cost
accuracy in 8 and 16 bits, and a scale of 0 cannot be divided by."""


@dataclass(frozen=True)
class Basis:
    """How a tensor u of the graph stands for the model's own: ``scale`` u + ``shift``; float64 [width]."""

    scale: Tensor
    shift: Tensor

    @classmethod
    def plain(cls, width: int) -> Basis:
        """That of a tensor that stands for itself."""
        return cls(torch.ones(width, dtype=torch.float64), torch.zeros(width, dtype=torch.float64))

    def read(self, dense: Dense) -> Dense:
        """The product of the model's own tensor, made from u."""
        return Dense(dense.weight * self.scale, dense.bias + dense.weight @ self.shift)

    def settled(self) -> tuple[nn.Module, Basis]:
        """What to do with u, and its basis after that."""
        size = self.scale.abs()
        if size.min() >= 1 / DRIFT and size.max() <= DRIFT:
            return nn.Identity(), self
        return Scale(self.scale), Basis(torch.ones_like(self.scale), self.shift)


class Scale(nn.Module):
    """Multiply by a vector, [width]."""

    def __init__(self, scale: Tensor) -> None:
        super().__init__()
        self.scale = nn.Buffer(scale.float())

    def forward(self, x: Tensor) -> Tensor:
        """The same shape as ``x`` [..., width]."""
        return x * self.scale


class Affine(nn.Module):
    """NoNorm as it is."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.weight, self.bias = nn.Buffer(weight), nn.Buffer(bias)

    def forward(self, x: Tensor) -> Tensor:
        """The same shape as ``x`` [..., width]."""
        return x * self.weight + self.bias


class Residual(nn.Module):
    """The stream plus a product, and what comes behind the sum.

    Args:
        dense: from y to what is added.
        after: a norm, a scale, or nothing.
        bias: whether ``dense`` has one; in a folded stream it is part of the shift.
    """

    def __init__(self, dense: Dense, after: nn.Module, bias: bool) -> None:
        super().__init__()
        self.dense, self.after = product(dense, bias), after

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """The next stream, of the shape of ``x``."""
        out: Tensor = self.after(x + self.dense(y))
        return out


def residual(x: Basis, dense: Dense, norm: Any, fold: bool) -> tuple[Residual, Basis]:
    """Norm(x + W y + b): the module, and the basis of what it gives.

    Args:
        x: basis of the stream.
        dense: W and b, float64.
        norm: `torch.nn.LayerNorm` or a NoNorm, with `weight` and `bias`.
        fold: whether a NoNorm is folded away.
    """
    if not folds(norm, fold):
        return Residual(dense, norm_module(norm), bias=True), Basis.plain(len(dense.bias))
    weight, bias = norm.weight.detach().double(), norm.bias.detach().double()
    after, basis = Basis(weight * x.scale, weight * (dense.bias + x.shift) + bias).settled()
    return Residual(Dense(dense.weight / x.scale[:, None], dense.bias), after, bias=False), basis


def behind(dense: Dense, norm: Any, fold: bool) -> tuple[Dense, nn.Module]:
    """Norm(W x + b): the product with a NoNorm inside, and what is still to do."""
    if not folds(norm, fold):
        return dense, norm_module(norm)
    weight, bias = norm.weight.detach().double(), norm.bias.detach().double()
    return Dense(weight[:, None] * dense.weight, weight * dense.bias + bias), nn.Identity()


def folds(norm: Any, fold: bool) -> bool:
    """Whether this norm is one to fold away."""
    return fold and not isinstance(norm, nn.LayerNorm)


def norm_module(norm: Any) -> nn.Module:
    """The norm as a module of its own."""
    return norm if isinstance(norm, nn.LayerNorm) else Affine(norm.weight.detach().float(), norm.bias.detach().float())


def product(dense: Dense, bias: bool = True) -> nn.Linear:
    """A linear layer on float64 weights made float32."""
    layer = nn.Linear(dense.weight.shape[1], dense.weight.shape[0], bias=bias, device="meta")
    layer.weight = nn.Parameter(dense.weight.float(), requires_grad=False)
    if bias:
        layer.bias = nn.Parameter(dense.bias.float(), requires_grad=False)
    return layer
