"""MobileBERT (Sun et al. 2020): feature maps and attention distributions of every layer, then the logits.

    transfer of a layer: feature map loss + attention transfer loss (their weights are in `losses`)

`--schedule` is the paper's comparison: `auxiliary` (AKT), all losses at once; `joint` (JKT), all layers together, then
the logits; `progressive` (PKT), layer after layer, then the logits. While a layer learns, those below it go on at a
tenth of its rate and those above wait, as in the official code; the embeddings learn with the first layer. Its raised
rate and its root-shaped decay within a layer are left out: every training here warms up and falls alike.

The paper's teacher has the student's width and depth. Any other is compared through a learnt projection for each layer,
and by the layer map.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from edgebert.distill.losses import attention_transfer_loss, feature_map_loss
from edgebert.distill.method import Loss, Phase, Setting
from edgebert.distill.methods import logits
from edgebert.models.model import Outputs
from edgebert.training.batches import Batch

LEARNT = 0.1
"""Learning rate of a layer that has had its turn, as a factor."""
LAYER = re.compile(r"\.layer\.(\d+)\.")
"""A layer's number in the names of its parameters, in transformers."""


def phases(setting: Setting) -> tuple[Phase, ...]:
    """The schedule's trainings."""
    options, layers = setting.options, tuple(range(setting.depth))
    prediction = logits.phases(setting)
    if options.schedule == "auxiliary":
        (alone,) = prediction
        return (_transfer(setting, "auxiliary", layers, alone.epochs, alone.learning_rate, partial(loss, setting)),)
    rate, epochs = options.intermediate_learning_rate, options.intermediate_epochs
    if not epochs:
        return prediction
    if options.schedule == "joint":
        return (_transfer(setting, "joint", layers, epochs, rate), *prediction)
    turns = [
        _transfer(setting, f"layer-{layer + 1}", (layer,), epochs / setting.depth, rate, turn=turn_of(layer))
        for layer in layers
    ]
    return (*turns, *prediction)


def transfer_loss(student: Outputs, teacher: Outputs, batch: Batch) -> Tensor:
    """The mean over layers of a batch, a scalar."""
    assert student.hidden_states and teacher.hidden_states and student.attention_scores and teacher.attention_scores
    mask = batch.attention_mask
    states = zip(student.hidden_states, teacher.hidden_states, strict=True)
    scores = zip(student.attention_scores, teacher.attention_scores, strict=True)
    maps = torch.stack([feature_map_loss(ours, theirs, mask) for ours, theirs in states])
    attentions = torch.stack([attention_transfer_loss(ours, theirs, mask) for ours, theirs in scores])
    return maps.mean() + attentions.mean()


def loss(setting: Setting, student: Outputs, teacher: Outputs, batch: Batch) -> Tensor:
    """All at once."""
    transfer = setting.options.hidden_weight * transfer_loss(student, teacher, batch)
    return logits.loss(setting, student, teacher, batch) + transfer


def turn_of(layer: int) -> Callable[[str], float]:
    """The learning rate of each parameter while ``layer`` learns."""

    def rate(name: str) -> float:
        own = int(found[1]) if (found := LAYER.search(name)) else 0
        return 1.0 if own == layer else LEARNT if own < layer else 0.0

    return rate


def _transfer(
    setting: Setting, name: str, layers: tuple[int, ...], epochs: float, learning_rate: float,
    all_losses: Loss | None = None, turn: Callable[[str], float] = lambda name: 1.0,
) -> Phase:  # fmt: skip
    return Phase(
        name=name, loss=all_losses or transfer_loss, epochs=epochs, learning_rate=learning_rate,
        logits=all_losses is not None, states=tuple(layer + 1 for layer in layers), attentions=layers,
        projected=setting.widths[0] != setting.widths[1], rate=turn,
    )  # fmt: skip
