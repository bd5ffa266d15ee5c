"""Soft labels, with a share of hard ones (Hinton et al. 2015): (1 - a) T^2 KL + a CE on the rows with a label."""

from __future__ import annotations

from functools import partial

from torch import Tensor

from edgebert.distill.losses import hard_label_loss, soft_label_loss
from edgebert.distill.method import Phase, Setting
from edgebert.models.model import Outputs
from edgebert.training.batches import Batch


def phases(setting: Setting) -> tuple[Phase, ...]:
    """One training on soft labels."""
    options = setting.options
    return (
        Phase(
            name="logits", loss=partial(loss, setting), epochs=options.epochs, learning_rate=options.learning_rate,
            logits=True,
        ),
    )  # fmt: skip


def loss(setting: Setting, student: Outputs, teacher: Outputs, batch: Batch) -> Tensor:
    """The loss of a batch, a scalar."""
    options = setting.options
    soft = soft_label_loss(student.logits, teacher.logits, options.temperature)
    hard = hard_label_loss(student.logits, batch.labels)
    return (1 - options.hard_label_share) * soft + options.hard_label_share * hard
