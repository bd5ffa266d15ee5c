"""Soft labels, with a share of hard ones (Hinton et al. 2015): (1 - a) T^2 KL + a CE on the rows with a label."""

from __future__ import annotations

from torch import Tensor

from edgebert.distill.losses import hard_label_loss, soft_label_loss
from edgebert.models.model import Outputs
from edgebert.recipes.options import DistillOptions
from edgebert.training.batches import Batch

NEEDS = frozenset({"logits"})


def loss(student: Outputs, teacher: Outputs, batch: Batch, options: DistillOptions) -> Tensor:
    """The loss of a batch, a scalar."""
    soft = soft_label_loss(student.logits, teacher.logits, options.temperature)
    hard = hard_label_loss(student.logits, batch.labels)
    return (1 - options.hard_label_share) * soft + options.hard_label_share * hard
