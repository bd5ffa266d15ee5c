"""A student with its projections in one phase, as the one module that the training loop optimises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn

from edgebert.distill.features import TeacherOutputs
from edgebert.distill.method import Phase
from edgebert.models.model import Model, Outputs
from edgebert.training.batches import Batch


class Trainee(nn.Module):
    """`forward(batch)` is the loss of a phase.

    Args:
        student: what is trained; its parameters of rate 0 are frozen.
        teacher: asked for its outputs; no part of what is trained.
        phase: what is compared, and the loss.
        kept: [H_student], the teacher's residual dimensions that the student kept, with which the projections begin;
            None for another start.
        widths: of the student's and of the teacher's hidden states.
        standard: brings the teacher's logits and the targets into the unit that the student learns in.
    """

    def __init__(
        self, student: Model, teacher: TeacherOutputs, phase: Phase, kept: Tensor | None, widths: tuple[int, int],
        standard: Callable[[Tensor], Tensor],
    ) -> None:  # fmt: skip
        super().__init__()
        self.student, self.teacher, self.phase, self.standard = student, teacher, phase, standard
        self.projections = nn.ModuleList(
            _projection(*widths, kept) if phase.projected else nn.Identity() for _ in phase.states
        )
        for name, parameter in student.named_parameters():
            parameter.requires_grad_(phase.rate(name) > 0)

    def forward(self, batch: Batch) -> Tensor:
        """The loss of a batch, a scalar."""
        found = self.student(batch, self.phase.needs)
        states = scores = None
        if self.phase.states:
            compared = (found.hidden_states[i] for i in self.phase.states)
            states = tuple(p(state) for p, state in zip(self.projections, compared, strict=True))
        if self.phase.attentions:
            scores = tuple(found.attention_scores[i] for i in self.phase.attentions)
        theirs = self.teacher(batch)
        theirs = replace(theirs, logits=self.standard(theirs.logits))
        batch = replace(batch, targets=self.standard(batch.targets))
        return self.phase.loss(Outputs(found.logits, states, scores), theirs, batch)

    def rate(self, name: str) -> float:
        """Learning rate of a parameter, as a factor: the phase's for the student's, 1 for projections."""
        owner, _, rest = name.partition(".")
        return self.phase.rate(rest) if owner == "student" else 1.0


def _projection(student: int, teacher: int, kept: Tensor | None) -> nn.Linear:
    """W, from the student's width to the teacher's; it begins as "these are the dimensions that I kept"."""
    projection = nn.Linear(student, teacher, bias=False)
    if kept is not None:
        with torch.no_grad():
            projection.weight.zero_()
            projection.weight[kept, torch.arange(student)] = 1.0
    return projection
