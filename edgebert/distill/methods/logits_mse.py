"""The logits themselves, as BiLSTM students learn them (Tang et al. 2019): (1 - a) ||z_s - z_t||^2 + a CE.

The paper found a = 0 best: `--hard-label-share 0`.
"""

from __future__ import annotations

from functools import partial

from torch import Tensor

from edgebert.distill.losses import logits_loss
from edgebert.distill.method import Phase, Setting
from edgebert.models.model import Outputs
from edgebert.training.batches import Batch


def phases(setting: Setting) -> tuple[Phase, ...]:
    """One training on logits."""
    options = setting.options
    return (
        Phase(
            name="logits-mse", loss=partial(loss, setting), epochs=options.epochs,
            learning_rate=options.learning_rate, logits=True,
        ),
    )  # fmt: skip


def loss(setting: Setting, student: Outputs, teacher: Outputs, batch: Batch) -> Tensor:
    """The loss of a batch, a scalar."""
    share = setting.options.hard_label_share
    hard = setting.kind.hard_loss(student.logits, batch.targets)
    return (1 - share) * logits_loss(student.logits, teacher.logits) + share * hard
