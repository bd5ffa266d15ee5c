"""What every teacher and student is: a trainable module that knows its size and its own inference graph."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from converters.deployment import Deployment
from converters.graph_spec import GraphSpec
from edgebert.training.batches import Batch

LOGITS = frozenset({"logits"})


@dataclass(frozen=True)
class Outputs:
    """What a model gives for a batch of n rows of t tokens."""

    logits: Tensor
    """[n, outputs]"""
    hidden_states: tuple[Tensor, ...] | None = None
    """Embedding output, then each layer's output, [n, t, width] each; None unless asked for."""
    attention_scores: tuple[Tensor, ...] | None = None
    """q k^T / sqrt(d) of each layer before mask and softmax, float32 [n, heads, t, t] each; None unless asked for."""


@dataclass(frozen=True)
class Counts:
    """Size of a network."""

    parameters: int
    macs: int | None
    """Multiply-adds for one text at the longest length; None where there is no formula for the family."""


class Model(nn.Module, ABC):
    """Base of every teacher and student. `forward` is for training; the files are made of `deploy`."""

    provides: frozenset[str] = LOGITS
    """Names of the `Outputs` that it can give; a method that needs others is refused."""

    graph_inputs: tuple[str, ...]
    """Names of the inputs of its graphs, in order."""

    @property
    def depth(self) -> int:
        """Number of layers with a hidden state; 0 for a model that provides none."""
        return 0

    @property
    def width(self) -> int:
        """Width of the hidden states; 0 for a model that provides none."""
        return 0

    @abstractmethod
    def forward(self, batch: Batch, wanted: frozenset[str] = LOGITS) -> Outputs:
        """Outputs for a batch: the logits, and what else is in ``wanted``, names of `Outputs` that it `provides`."""

    @abstractmethod
    def deploy(self, spec: GraphSpec) -> Deployment:
        """The inference module or modules, and how an app uses them."""

    @abstractmethod
    def counts(self, length: int) -> Counts:
        """Parameters, and multiply-adds for one text of ``length`` tokens."""

    @torch.no_grad()
    def rescale(self, scale: float, shift: float) -> None:
        """Make each logit z into scale * z + shift, by the weights of the last linear layer, which gives the logits."""
        last = [module for module in self.modules() if isinstance(module, nn.Linear)][-1]
        last.weight.mul_(scale)
        last.bias.mul_(scale).add_(shift)

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write weights and configuration as a Hugging Face checkpoint."""
