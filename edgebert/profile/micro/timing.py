"""Time a micro-model here: several short rounds, the fastest counts."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from converters.artefact import Artefact
from edgebert import runtimes
from edgebert.profile.micro.writer import INPUT
from edgebert.runtimes.in_process import InProcess

SECONDS, CALLS, WARMUP, ROUNDS = 0.06, 5, 2, 3


def milliseconds(path: Path, artefact: Artefact, engine: str, threads: int) -> float:
    """Median time of a call, in the fastest of several rounds: what disturbs a round only makes it slower.

    Raises:
        UserError: if the engine is not installed.
        RuntimeFailure: if it cannot open the file.
    """
    runtime = runtimes.get(engine)
    assert isinstance(runtime, InProcess)
    runtime.version()
    (session,) = runtime.open(path, artefact, threads)
    feeds = {INPUT: np.ones((1, artefact.length or 0), np.int32)}
    medians = []
    for _ in range(ROUNDS):
        for _ in range(WARMUP):
            session.run(feeds)
        ms: list[float] = []
        began = time.perf_counter()
        while len(ms) < CALLS or time.perf_counter() - began < SECONDS:
            started = time.perf_counter()
            session.run(feeds)
            ms.append(1000 * (time.perf_counter() - started))
        medians.append(float(np.median(ms)))
    return min(medians)
