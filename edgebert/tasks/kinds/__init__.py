"""Kinds of task: what logits mean, how they are learnt and scored. One file a kind; its name is the file's.

What a row is to be answered with are its targets, float32 [width], the same for every row of a task:

    kind      width   targets                     logits
    classes   1       the id of the one class     one a class
    labels    n       1 where a label applies     one a label
    number    1       the number                  the number itself
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol, cast

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from torch import Tensor

Floats = npt.NDArray[np.floating]
Ids = npt.NDArray[np.integer]
Gold = str | list[str] | float


class Kind(Protocol):
    """What the module of a kind offers. Logits are [rows, outputs], targets [rows, width]; NaN is no target."""

    METRIC: str
    """The key of `scores` that decides: which checkpoint is best, whether a file passes."""
    PROBLEM_TYPE: str
    """What Hugging Face calls the kind, `problem_type` of a checkpoint's config.json."""
    PROBABILITY: Literal["softmax", "sigmoid"] | None
    """What makes probabilities of logits; None where there are none."""
    VALUE: str
    """What `values` are, and in what unit two of them are compared, in words."""

    def values(self, logits: Floats) -> Floats:
        """What logits stand for, in float64 [rows, outputs]: probabilities, or the number."""

    def logits(self, values: Floats) -> Floats:
        """Logits that stand for ``values``: the inverse of `values`, as far as there is one."""

    def decode(self, logits: Floats) -> npt.NDArray[np.generic]:
        """The answer for each row: ids [rows], True where a label applies [rows, outputs], numbers [rows]."""

    def agreement(self, logits: Floats, reference: Floats) -> float | None:
        """Percent of rows with the same answer; None for a kind whose answers are more or less the same."""

    def unit(self, targets: Floats) -> float:
        """By what a difference of two values is divided before it is held against a tolerance."""

    def scores(self, logits: Floats, targets: Floats) -> dict[str, float]:
        """All metrics; that called `METRIC` is in points of 100, larger is better.

        Raises:
            ValueError: without rows, or when shapes differ.
        """

    def gold(self, targets: Sequence[float], names: Sequence[str]) -> Gold:
        """The targets of a row for people: a name, a list of names, a number."""

    def counts(self, splits: Mapping[str, Floats], names: Sequence[str]) -> dict[str, dict[str, int]]:
        """For the targets of each split, the rows that each answer has, under the same headings."""

    def groups(self, targets: Floats) -> Ids:
        """A group for each row [rows], rows of like targets together, so that a few rows can hold of everything."""

    def hard_loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Against the gold targets, mean over the rows that have some; 0 where none does.

        Args:
            logits: [n, outputs]; those of a number in the unit of ``targets``.
            targets: [n, width], NaN in rows without.
        """

    def soft_loss(self, student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
        """Against what the teacher says, mean over rows; both logits are [n, outputs]."""


def get(name: str) -> Kind:
    """The kind called ``name``."""
    known = names()
    if name not in known:
        raise KeyError(f"there is no kind of task '{name}'; there are: {', '.join(known)}")
    return cast(Kind, importlib.import_module(f"{__name__}.{name}"))


def names() -> list[str]:
    """Names of all kinds."""
    return [module.name for module in pkgutil.iter_modules(__path__)]


def spoken(gold: Gold) -> str:
    """A gold answer in words."""
    if isinstance(gold, list):
        return ", ".join(gold) or "none"
    return gold if isinstance(gold, str) else f"{gold:g}"


def check_shapes(answers: npt.NDArray[np.generic], targets: Floats) -> None:
    """Make sure that there is one target for each answer.

    Raises:
        ValueError: else, or when there are no rows.
    """
    if answers.shape != targets.shape or not targets.size:
        raise ValueError(f"{answers.shape} answers cannot be scored against {targets.shape} targets")
