"""Which device is predicted for."""

from __future__ import annotations

from dataclasses import dataclass

from edgebert.recipes.options.limits import above_zero


@dataclass(frozen=True, kw_only=True)
class PredictOptions:
    """A device that is not at hand: what its profile predicts stands beside what was measured here."""

    device: str | None = None
    """Device profile to predict every file's latency for, as `edgebert devices` lists them, or a .toml file. With it,
    --budget-ms is held against the prediction, at each file's full length or --budget-length."""

    threads: int = 4
    """Threads of the engine on that device."""

    def __post_init__(self) -> None:
        above_zero(self, "threads")
