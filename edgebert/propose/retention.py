"""What students keep of their teachers' scores where that was measured: `retention.json`, which nobody types.

`python -m benchmarks.tables` writes it from the results of `benchmarks.students`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgebert.files import read_json

FILE = Path(__file__).with_name("retention.json")


@dataclass(frozen=True, kw_only=True)
class OnTask:
    """What was kept on one task.

    Attributes:
        task: its name.
        percent: of the teacher's score, by the int8 TFLite file; mean over the seeds.
        steps: of training; a student whose training was cut short has few.
        seeds: how many.
    """

    task: str
    percent: float
    steps: int
    seeds: int


@dataclass(frozen=True, kw_only=True)
class Retention:
    """What a student keeps that starts and learns as its recipe says.

    Attributes:
        recipe: its name.
        percent: of the teacher's score, the mean over the tasks that all students were trained on.
        tasks: these.
    """

    recipe: str
    percent: float
    tasks: tuple[OnTask, ...]

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Retention:
        """The inverse of `dataclasses.asdict`, also after a journey through JSON."""
        return cls(**{**values, "tasks": tuple(OnTask(**one) for one in values["tasks"])})


TEACHER = Retention(recipe="as-is", percent=100.0, tasks=())
"""The teacher itself, which keeps all by definition."""


def known() -> list[Retention]:
    """The teacher, and every student that was measured."""
    return [TEACHER, *(Retention.from_dict(values) for values in read_json(FILE))]
