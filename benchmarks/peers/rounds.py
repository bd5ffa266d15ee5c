"""Timing in rounds: all are open, each is asked in turn, and whoever is not asked stands still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median
from typing import Any, Literal

import numpy as np

from benchmarks.peers.contestants import Contestant
from benchmarks.peers.server import EngineFailure, Worker
from benchmarks.peers.setting import Plan
from edgebert import console
from edgebert.runtimes.token_file import TokenFile

At = Literal["full", "padded", "own"]
"""Rows repeated to full length, padded to it, or as long as they are."""
EACH: tuple[At, ...] = ("full", "padded", "own")
WARMUP = 3


@dataclass(frozen=True)
class Times:
    """Of one contestant.

    Attributes:
        ms: by how long the rows were: one number a round, the median call at full length, the mean row at own.
        logits: of the first rows at their own lengths, [rows, labels].
        others_busy: share of the cores that other processes used in each turn, where the system tells.
    """

    ms: dict[str, list[float]]
    logits: list[list[float]] = field(default_factory=list)
    others_busy: list[float] = field(default_factory=list)


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
        for one in contestants:
            self._workers[one] = one.open(variables, threads, rows[one.model])
        for one in console.track(contestants, "opening"):
            try:
                self._workers[one].answer()
            except EngineFailure as failure:
                self.failed[one] = failure.what
            self._workers[one].pause()

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


def run(open_ones: Field, plan: Plan, length: int, ats: Sequence[At] = EACH) -> dict[Contestant, Times]:
    """Ask all for logits, then time them round by round; every round begins with another one.

    Args:
        open_ones: who is timed.
        plan: how long.
        length: full length, in tokens.
        ats: what is timed.

    Returns:
        What each took that did not fail.
    """
    times = {one: Times({at: [] for at in ats}) for one in open_ones.running}
    for one in console.track(list(times), "logits"):
        rows = [*range(min(plan.scored, open_ones.count(one)))]
        times[one].logits.extend(open_ones.ask(one, do="logits", rows=rows).get("logits", ()))
    with console.bar("timing", plan.rounds * len(ats)) as bar:
        for number in range(plan.rounds):
            for at in ats:
                order = open_ones.running
                start = number * len(order) // plan.rounds
                for one in order[start:] + order[:start]:
                    question = _question(plan, number, open_ones.count(one), None if at == "own" else length)
                    question["filled"] = at == "full"
                    if answer := open_ones.ask(one, **question):
                        times[one].ms[at].append((fmean if at == "own" else median)(answer["ms"]))
                        times[one].others_busy.extend(share for share in [answer["others_busy"]] if share is not None)
                bar.advance()
    return {one: times[one] for one in open_ones.running}


def _question(plan: Plan, number: int, count: int, length: int | None) -> dict[str, Any]:
    """Rows of a round, the same for all models and engines; at own lengths each is called once."""
    rows = np.random.default_rng(number).choice(count, min(plan.rows, count), replace=False).tolist()
    calls, seconds = (plan.calls, plan.seconds) if length else (len(rows), 0.0)
    return {"do": "time", "rows": rows, "length": length, "warmup": WARMUP, "calls": calls, "seconds": seconds}
