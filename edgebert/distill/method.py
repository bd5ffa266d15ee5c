"""What a distillation method is: phases, each with its loss; and the refusal of a model that cannot serve it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol, cast

from torch import Tensor

from edgebert import registry
from edgebert.errors import UserError
from edgebert.models.model import Model, Outputs
from edgebert.recipes.options import DistillOptions
from edgebert.tasks.kinds import Kind
from edgebert.training.batches import Batch

ROOM = "distill/methods"

Loss = Callable[[Outputs, Outputs, Batch], Tensor]
"""What the student gave, what the teacher gave, and the batch, to a scalar. Of hidden states and attention scores there
are those that the phase names, of the student and the teacher in pairs; the student's hidden states are projected to
the teacher's width."""


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One training: what is compared, how it is weighed, and for how long."""

    name: str
    """Of its folder."""
    loss: Loss
    epochs: float
    learning_rate: float
    """Peak."""
    logits: bool
    """Whether it compares logits: such a phase ends with its best weights on the selection rows, others with their
    last."""
    states: tuple[int, ...] = ()
    """Hidden states of the student that are compared, 0 for the embedding output."""
    attentions: tuple[int, ...] = ()
    """Layers of the student, from 0, whose attention scores are compared."""
    projected: bool = True
    """Whether hidden states pass through a learnt projection, one each, to the teacher's width."""
    rate: Callable[[str], float] = lambda name: 1.0
    """Learning rate of a parameter of the student, by its name, as a factor of the phase's; 0 freezes it."""

    @property
    def needs(self) -> frozenset[str]:
        """Names of the `Outputs` that it reads, of the student and of the teacher."""
        used = {"logits": self.logits, "hidden_states": self.states, "attention_scores": self.attentions}
        return frozenset(name for name, using in used.items() if using)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the phases of a method depend on."""

    options: DistillOptions
    kind: Kind
    """Of the task: it knows what logits mean."""
    depth: int
    """Layers of the student."""
    widths: tuple[int, int]
    """Of the student's and of the teacher's hidden states."""


class Method(Protocol):
    """What a file of `methods` holds."""

    def phases(self, setting: Setting) -> tuple[Phase, ...]:
        """The trainings, in order."""


def phases(setting: Setting, student: Model, teacher: Model) -> tuple[Phase, ...]:
    """The phases of the method that the options name, in order.

    Raises:
        UserError: if there is no such method, or student or teacher do not provide what it needs.
    """
    options = setting.options
    found = cast("Method", registry.load(ROOM, options.method, "--method")).phases(setting)
    needs = frozenset[str]().union(*(phase.needs for phase in found))
    _check(options.method, needs, student, f"--student {options.student}", "another student")
    _check(options.method, needs, teacher, "the teacher", "another teacher")
    return found


def general_phases(task_phases: Iterable[Phase], options: DistillOptions) -> tuple[Phase, ...]:
    """Those of a method's phases that compare what is inside alone, for `--general-epochs` together.

    Raises:
        UserError: if the method has none.
    """
    inner = [phase for phase in task_phases if not phase.logits]
    if not inner:
        raise UserError(
            f"--general-epochs {options.general_epochs:g} needs phases that compare what is inside alone, "
            f"and --method {options.method} has none.",
            "Say --method tinybert, or --method mobilebert with --schedule joint or progressive.",
        )
    whole = sum(phase.epochs for phase in inner)
    return tuple(replace(phase, epochs=options.general_epochs * phase.epochs / whole) for phase in inner)


def _check(method: str, needs: frozenset[str], model: Model, called: str, other: str) -> None:
    if missing := needs - model.provides:
        raise UserError(
            f"--method {method} needs {', '.join(sorted(missing))}, which {called} does not provide.",
            f"Choose another method, or {other}.",
        )
