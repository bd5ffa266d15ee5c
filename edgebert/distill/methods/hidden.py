"""Soft labels and hidden states: the logits loss + b * mean over layers of MSE(H_s W, H_t).

The hidden states are the embedding output and each student layer with the teacher layer it answers to, all at once:
TinyBERT (Jiao et al. 2020) takes them in stages, which a student that starts near its teacher does not need.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from edgebert.distill.losses import hidden_loss
from edgebert.distill.method import Phase, Setting
from edgebert.distill.methods import logits
from edgebert.models.model import Outputs
from edgebert.training.batches import Batch


def phases(setting: Setting) -> tuple[Phase, ...]:
    """One training on both."""
    options = setting.options
    return (
        Phase(
            name="hidden", loss=partial(loss, setting), epochs=options.epochs, learning_rate=options.learning_rate,
            logits=True, states=tuple(range(setting.depth + 1)),
        ),
    )  # fmt: skip


def loss(setting: Setting, student: Outputs, teacher: Outputs, batch: Batch) -> Tensor:
    """The loss of a batch, a scalar."""
    assert student.hidden_states is not None and teacher.hidden_states is not None
    pairs = zip(student.hidden_states, teacher.hidden_states, strict=True)
    layers = torch.stack([hidden_loss(ours, theirs, batch.attention_mask) for ours, theirs in pairs])
    return logits.loss(setting, student, teacher, batch) + setting.options.hidden_weight * layers.mean()
