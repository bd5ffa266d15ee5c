"""Timing in turns, within one process: everything is open, and called in rounds that begin with another one each."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

WHOLE = "whole"
"""The turn of the file itself."""
WARMUP = 2
"""Calls of each turn that are not timed."""


@dataclass(frozen=True)
class Plan:
    """How long is timed.

    Attributes:
        rounds: turns of each.
        calls: timed calls of a turn, at least.
        seconds: timed seconds of an operator's turn, at least.
        whole_seconds: of the whole file's, which has to fill the caches anew after all the others.
    """

    rounds: int
    calls: int
    seconds: float
    whole_seconds: float


@dataclass(frozen=True)
class Row:
    """Equal operators of a call.

    Attributes:
        operator: the runtime's name of the kind.
        shape: of what goes in and comes out, in words; constants are left out.
        count: of them in a call.
        ms: all of them together.
        macs: multiply-adds of all of them together, where they are matrix products.
        fast: whether XNNPACK takes them; None where that is no question, as of a loop: it may take what is inside.
    """

    operator: str
    shape: str
    count: int
    ms: float
    macs: int
    fast: bool | None = None

    def to_dict(self, whole_ms: float) -> dict[str, Any]:
        """Plain values, for JSON; the share is that of all operators' time in ``whole_ms``, percent."""
        gops = round(2 * self.macs / self.ms / 1e6, 1) if self.macs and self.ms else None
        share = round(100 * self.ms / whole_ms, 2) if whole_ms else 0.0
        return {**asdict(self), "ms": round(self.ms, 5), "share": share, "gops": gops}


def in_turn(calls: Mapping[str, Callable[[], object]], plan: Plan) -> dict[str, list[float]]:
    """The median ms of a call in each round, by name."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    names = list(calls)
    for number in range(plan.rounds):
        start = number * len(names) // plan.rounds
        for name in names[start:] + names[:start]:
            found[name].append(median(turn(calls[name], plan, whole=name == WHOLE)))
    return found


def turn(call: Callable[[], object], plan: Plan, *, whole: bool) -> list[float]:
    """The ms of each timed call of a turn; ``whole`` for a file's own."""
    seconds = plan.whole_seconds if whole else plan.seconds
    for _ in range(WARMUP):
        call()
    ms: list[float] = []
    gc.disable()
    began = time.perf_counter()
    while len(ms) < plan.calls or time.perf_counter() - began < seconds:
        started = time.perf_counter()
        call()
        ms.append((time.perf_counter() - started) * 1e3)
    gc.enable()
    return ms


def words(inputs: list[tuple[int, ...]], output: tuple[int, ...]) -> str:
    """Shapes as `128x312, 312x2 > 128x2`; one that all share stands once."""
    goes, *came = ("x".join(map(str, shape)) or "scalar" for shape in (output, *inputs))
    return goes if not came or set(came) == {goes} else f"{', '.join(came)} > {goes}"
