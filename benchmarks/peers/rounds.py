"""Timing in rounds: all are open, each is asked in turn, and whoever is not asked stands still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any, Literal

import numpy as np

from benchmarks.peers.contestants import Contestant
from benchmarks.peers.server import EngineFailure, Worker
from edgebert import console
from edgebert.runtimes.token_file import TokenFile

At = Literal["full", "own"]
"""Rows padded to full length, or as long as they are."""
WARMUP = 3


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
class Times:
    """Of one contestant.

    Attributes:
        ms: by what the rows were padded to: one number a round, the median call at full length, the mean row at own.
        logits: of the first rows at their own lengths, float32 [rows, labels].
    """

    ms: dict[str, list[float]]
    logits: list[list[float]]


class Field:
    """All contestants, open at once.

    Args:
        contestants: a process each.
        threads: of each.
        rows: for each model the folder of its `TokenFile`.
        variables: environment variables of the processes.

    Attributes:
        failed: why those that failed did; they are asked no more.
    """

    def __init__(
        self, contestants: Sequence[Contestant], threads: int, rows: Mapping[str, Path], variables: Mapping[str, str]
    ) -> None:
        self.failed: dict[Contestant, str] = {}
        self._workers: dict[Contestant, Worker] = {}
        self._counts = {model: len(TokenFile(folder)) for model, folder in rows.items()}
        for one in console.track(contestants, "opening"):
            worker = self._workers[one] = one.open(variables, threads, rows[one.model])
            try:
                worker.answer()
            except EngineFailure as failure:
                self.failed[one] = failure.what
            worker.pause()

    def __enter__(self) -> Field:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers.values():
            worker.close()

    @property
    def running(self) -> list[Contestant]:
        """Those that have not failed."""
        return [one for one in self._workers if one not in self.failed]

    def count(self, one: Contestant) -> int:
        """How many rows its model has."""
        return self._counts[one.model]

    def ask(self, one: Contestant, **question: Any) -> dict[str, Any]:
        """Ask one, see `benchmarks.peers.worker.Served`; nothing comes of one that fails."""
        try:
            return self._workers[one].ask(**question)
        except EngineFailure as failure:
            self.failed[one] = failure.what
            return {}


def run(field: Field, plan: Plan, length: int, ats: Sequence[At] = ("full", "own")) -> dict[Contestant, Times]:
    """Ask all for logits, then time them round by round; every round begins with another one.

    Args:
        field: who is timed.
        plan: how long.
        length: full length, in tokens.
        ats: what is timed.

    Returns:
        What each took that did not fail.
    """
    times = {one: Times({at: [] for at in ats}, []) for one in field.running}
    for one in console.track(list(times), "logits"):
        rows = [*range(min(plan.scored, field.count(one)))]
        times[one].logits.extend(field.ask(one, do="logits", rows=rows).get("logits", ()))
    with console.bar("timing", plan.rounds * len(ats)) as bar:
        for number in range(plan.rounds):
            for at in ats:
                order = field.running
                start = number * len(order) // plan.rounds
                for one in order[start:] + order[:start]:
                    question = _question(plan, number, field.count(one), length if at == "full" else None)
                    if answer := field.ask(one, **question):
                        times[one].ms[at].append((median if at == "full" else fmean)(answer["ms"]))
                bar.advance()
    return {one: times[one] for one in field.running}


def _question(plan: Plan, number: int, count: int, length: int | None) -> dict[str, Any]:
    """Rows of a round, the same for all models and engines; at own lengths each is called once."""
    rows = np.random.default_rng(number).choice(count, min(plan.rows, count), replace=False).tolist()
    calls, seconds = (plan.calls, plan.seconds) if length else (len(rows), 0.0)
    return {"do": "time", "rows": rows, "length": length, "warmup": WARMUP, "calls": calls, "seconds": seconds}
