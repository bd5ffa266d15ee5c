"""What a run is asked for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Plan:
    """How long a turn is.

    Attributes:
        rounds: turns of each.
        calls: timed calls of a turn at full length, at least.
        seconds: timed seconds of a turn at full length, at least.
        rows: rows of a turn at own lengths, each called once; other rows every round, the same for all.
        scored: rows whose logits are asked for.
    """

    rounds: int
    calls: int
    seconds: float
    rows: int
    scored: int


@dataclass(frozen=True)
class Setting:
    """What a contest is held with.

    Attributes:
        engines: names; edgebert and PyTorch, whose logits are the reference, among them.
        threads: counts, each is a contest of its own.
        lengths: of files of fixed length; the last is full length.
        plan: how long.
        trained: checkpoint with weights that have learnt the table's task; None for random ones.
        table: texts and labels; None for the sentences of the built-in task.
        work: folder of everything that is made.
    """

    engines: tuple[str, ...]
    threads: tuple[int, ...]
    lengths: tuple[int, ...]
    plan: Plan
    trained: Path | None
    table: Path | None
    work: Path

    def to_dict(self) -> dict[str, Any]:
        """Plain values without paths of this machine, for the result file."""
        named = {
            name: value.name if value else None for name, value in (("trained", self.trained), ("table", self.table))
        }
        lists = {name: list(getattr(self, name)) for name in ("engines", "threads", "lengths")}
        return {**lists, **named, "plan": asdict(self.plan)}
