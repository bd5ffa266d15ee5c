"""What a distillation method is, and the refusal of a student that cannot serve it."""

from __future__ import annotations

from typing import Protocol, cast

from torch import Tensor

from edgebert import registry
from edgebert.errors import UserError
from edgebert.models.model import Model, Outputs
from edgebert.recipes.options import DistillOptions
from edgebert.tasks.kinds import Kind
from edgebert.training.batches import Batch

ROOM = "distill/methods"


class Method(Protocol):
    """What a file of `methods` holds."""

    NEEDS: frozenset[str]
    """Names of the `Outputs` it reads, of the student and of the teacher."""

    def loss(self, student: Outputs, teacher: Outputs, batch: Batch, options: DistillOptions, kind: Kind) -> Tensor:
        """The loss of a batch, a scalar.

        Args:
            student: with hidden states projected to the teacher's width, one for each of the teacher's.
            teacher: with the hidden states that answer to the student's.
            batch: inputs and gold targets; these, and all logits, in the task's standard unit.
            options: weights and temperature.
            kind: of the task: the losses on logits.
        """


def method(name: str, student: Model, student_name: str) -> Method:
    """The method called ``name``.

    Raises:
        UserError: if there is none, or the student does not provide what it needs.
    """
    found = cast("Method", registry.load(ROOM, name, "--method"))
    if missing := found.NEEDS - student.provides:
        raise UserError(
            f"--method {name} needs {', '.join(sorted(missing))}, which --student {student_name} does not provide.",
            "Choose another method, or another student.",
        )
    return found
