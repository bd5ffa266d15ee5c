"""Which precision was asked for, which one the files have, and why: what the quantising stage writes down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from converters.artefact import Artefact
from converters.graph_spec import Format
from edgebert.files import read_json, write_json

FILE = "choices.json"
MIXED = "-mixed"
"""Behind the name of a scheme, where some blocks were left in float32."""


@dataclass(frozen=True)
class Loss:
    """What a set of files loses on the selection rows against the fp32 files of the same format.

    Attributes:
        drop: points of the task's metric.
        change: mean absolute change of a probability, over rows and outputs: far less noisy than the metric.
        failure: why the files could not be run, if so; the loss is total then.
    """

    drop: float
    change: float
    failure: str | None = None


Score = Callable[[Path, Sequence[Artefact]], Loss]
"""Runs the files of one format in a folder, as their driver uses them, and holds them against the fp32 ones."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A precision that was tried on all files of a format.

    Attributes:
        scheme: its name.
        in_float: blocks that were left in float32.
        bytes: of all the files.
        loss: on the selection rows; None where there are none.
    """

    scheme: str
    in_float: tuple[str, ...]
    bytes: int
    loss: Loss | None

    @property
    def name(self) -> str:
        """What files of this precision are called: "int8", "int8-mixed"."""
        return self.scheme + (MIXED if self.in_float else "")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Attempt:
        """The inverse of `dataclasses.asdict`, also after a journey through JSON."""
        loss = values["loss"]
        return cls(**{**values, "in_float": tuple(values["in_float"]), "loss": Loss(**loss) if loss else None})


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What became of a scheme that was asked for, in one format.

    Attributes:
        format: of the files.
        asked: the scheme that was asked for.
        max_loss: points that it might lose on the selection rows.
        attempts: in the order in which they were tried; the first is the scheme as it is.
        used: place of the one that the files have in ``attempts``.
        runs: sets of files that were scored for this, those that ranked the blocks included.
    """

    format: Format
    asked: str
    max_loss: float
    attempts: tuple[Attempt, ...]
    used: int
    runs: int

    @property
    def final(self) -> Attempt:
        """The attempt that the files come from."""
        return self.attempts[self.used]

    @property
    def as_asked(self) -> bool:
        """Whether the files are what was asked for."""
        return self.final.name == self.asked

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Choice:
        """The inverse of `to_dict`, also after a journey through JSON."""
        return cls(**{**values, "attempts": tuple(Attempt.from_dict(attempt) for attempt in values["attempts"])})


def save_choices(choices: Sequence[Choice], folder: Path) -> None:
    """Write `choices.json` into ``folder``."""
    write_json(folder / FILE, [choice.to_dict() for choice in choices])


def load_choices(folder: Path) -> tuple[Choice, ...]:
    """Read what `save_choices` wrote."""
    return tuple(Choice.from_dict(values) for values in read_json(folder / FILE))
