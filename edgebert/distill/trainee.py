"""A student with its projections, as the one module that the training loop optimises."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from edgebert.distill.features import TeacherOutputs
from edgebert.distill.method import Method
from edgebert.models.model import Model, Outputs
from edgebert.recipes.options import DistillOptions
from edgebert.students.transplant import Start
from edgebert.tasks import kinds
from edgebert.tasks.task import Task
from edgebert.training.batches import Batch


class Trainee(nn.Module):
    """`forward(batch)` is the distillation loss.

    Args:
        student: what is trained.
        teacher: asked for its outputs; no part of what is trained.
        method: the loss.
        options: weights and temperature.
        start: the residual dimensions that the student kept of its teacher's, with which its projections begin.
        widths: of the student's and of the teacher's hidden states.
        states: how many hidden states are compared, each with a projection of its own.
        task: its kind makes the losses on logits; its standard unit is what the student learns in, and what the
            teacher and the table say is brought into it.
    """

    def __init__(
        self, student: Model, teacher: TeacherOutputs, method: Method, options: DistillOptions, start: Start,
        widths: tuple[int, int], states: int, task: Task,
    ) -> None:  # fmt: skip
        super().__init__()
        self.student = student
        self.teacher, self.method, self.options = teacher, method, options
        self.task, self.kind = task, kinds.get(task.kind)
        self.projections = nn.ModuleList(_projection(*widths, start.residual) for _ in range(states))

    def forward(self, batch: Batch) -> Tensor:
        """The loss of a batch, a scalar."""
        hidden = bool(self.projections)
        found = self.student(batch, hidden=hidden)
        states = None
        if hidden:
            states = tuple(p(state) for p, state in zip(self.projections, found.hidden_states, strict=True))
        theirs, standard = self.teacher(batch), self.task.standard
        theirs = replace(theirs, logits=standard(theirs.logits))
        batch = replace(batch, targets=standard(batch.targets))
        return self.method.loss(Outputs(found.logits, states), theirs, batch, self.options, self.kind)


def _projection(student: int, teacher: int, kept: Tensor | None) -> nn.Linear:
    """W, from the student's width to the teacher's; it begins as "these are the dimensions that I kept"."""
    projection = nn.Linear(student, teacher, bias=False)
    if kept is not None:
        with torch.no_grad():
            projection.weight.zero_()
            projection.weight[kept, torch.arange(student)] = 1.0
    return projection
