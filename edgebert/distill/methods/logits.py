"""Soft labels, with a share of hard ones (Hinton et al. 2015): (1 - a) soft + a hard, on the rows with a label.

What the two losses are is the kind's: T^2 KL and cross-entropy for classes, see `edgebert.tasks.kinds`.
"""

from __future__ import annotations

from torch import Tensor

from edgebert.models.model import Outputs
from edgebert.recipes.options import DistillOptions
from edgebert.tasks.kinds import Kind
from edgebert.training.batches import Batch

NEEDS = frozenset({"logits"})


def loss(student: Outputs, teacher: Outputs, batch: Batch, options: DistillOptions, kind: Kind) -> Tensor:
    """The loss of a batch, a scalar."""
    soft = kind.soft_loss(student.logits, teacher.logits, options.temperature)
    hard = kind.hard_loss(student.logits, batch.targets)
    return (1 - options.hard_label_share) * soft + options.hard_label_share * hard
