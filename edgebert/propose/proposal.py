"""What is known of the students to choose from, and the choice."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from edgebert.errors import GateError, UserError
from edgebert.files import read_json, write_json
from edgebert.propose.retention import Retention
from edgebert.recipes.options import BudgetOptions, ConvertOptions

FILE = "proposal.json"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A student before it is trained.

    Attributes:
        student: its name.
        retention: what it kept of its teachers elsewhere.
        bytes: of its int8 files; None, as the times, where there are none.
        ms: predicted; the middle of the interval.
        low_ms: nine in ten measurements are expected between this,
        high_ms: and this.
        refused: why there are none: the student cannot start from this teacher, or its operators are not known.
    """

    student: str
    retention: Retention
    bytes: int | None = None
    ms: float | None = None
    low_ms: float | None = None
    high_ms: float | None = None
    refused: str = ""

    def over(self, budget: BudgetOptions) -> float:
        """How many times the budget it takes, of time or of size, the larger; at most 1 where it fits."""
        shares = [0.0]
        if self.ms is None or self.bytes is None:
            return float("inf")
        if budget.budget_ms is not None:
            shares.append(self.ms / budget.budget_ms)
        if budget.budget_mb is not None:
            shares.append(self.bytes / (budget.budget_mb * 1e6))
        return max(shares)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The students to choose from on a device.

    Attributes:
        device: as --device names it.
        threads: of the engine.
        length: tokens.
        format: of the files.
        rests_on: where the predictions come from, in words.
        candidates: the teacher itself first.
    """

    device: str
    threads: int
    length: int
    format: str
    rests_on: str
    candidates: tuple[Candidate, ...]

    def choice(self, budget: BudgetOptions) -> Candidate | None:
        """Of those that fit, the one that keeps most; of equal ones the faster. None where none fits."""
        fitting = [one for one in self.candidates if one.over(budget) <= 1]
        return max(fitting, key=lambda one: (one.retention.percent, -(one.ms or 0)), default=None)

    def chosen(self, budget: BudgetOptions) -> Candidate:
        """The choice.

        Raises:
            GateError: if none fits, naming what comes nearest.
        """
        if (found := self.choice(budget)) is not None:
            return found
        nearest = min(self.candidates, key=lambda one: (one.over(budget), -one.retention.percent, one.ms or 0))
        if nearest.ms is None or nearest.bytes is None:
            raise GateError(f"No student can be predicted on {self.device}: {nearest.student}: {nearest.refused}")
        raise GateError(
            f"No student is predicted to fit {said(budget)} on {self.device}; {nearest.student} comes nearest with "
            f"{nearest.ms:.3g} ms and {nearest.bytes / 1e6:.1f} MB.",
            "Raise the budget, take fewer --lengths, or name a smaller --student.",
        )

    def save(self, folder: Path) -> None:
        """Write `proposal.json`."""
        write_json(folder / FILE, asdict(self))

    @classmethod
    def load(cls, folder: Path) -> Proposal:
        """Read what `save` wrote."""
        values = read_json(folder / FILE)
        found = [one | {"retention": Retention.from_dict(one["retention"])} for one in values["candidates"]]
        return cls(**{**values, "candidates": tuple(Candidate(**one) for one in found)})


def said(budget: BudgetOptions) -> str:
    """The budget in words."""
    parts = [(budget.budget_ms, "ms"), (budget.budget_mb, "MB")]
    return " and ".join(f"{value:g} {unit}" for value, unit in parts if value is not None)


def length_of(convert: ConvertOptions, budget: BudgetOptions) -> int:
    """Tokens that are predicted for: the longest, or the shortest that takes what the budget is for.

    Raises:
        UserError: if none does.
    """
    if budget.budget_length is None:
        return convert.max_length
    for length in convert.fixed_lengths:
        if length >= budget.budget_length:
            return length
    raise UserError(
        f"--budget-length {budget.budget_length}: no file takes more than {convert.max_length} tokens.",
        f"Say --budget-length {convert.max_length}, or convert with more --lengths.",
    )
