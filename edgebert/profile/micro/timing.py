"""Time a micro-model: here in several short rounds, of which the fastest counts; or on a phone."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from converters.artefact import Artefact
from edgebert import runtimes
from edgebert.profile.micro.writer import INPUT
from edgebert.runtimes.benchmark_model import BenchmarkModel, PhoneJob
from edgebert.runtimes.benchmark_output import Incomplete, parse
from edgebert.runtimes.in_process import InProcess
from edgebert.runtimes.runtime import RuntimeFailure

SECONDS, CALLS, WARMUP, ROUNDS, PHONE_CALLS = 0.06, 5, 2, 3, 30


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


def milliseconds_there(program: BenchmarkModel, path: Path, artefact: Artefact, threads: int, scratch: Path) -> float:
    """Median time of a call on a phone; the mean where the program's build tells no median.

    Raises:
        UserError: if the phone is full, or the program is the wrong one for it.
        RuntimeFailure: if the program crashed or told no times, or the phone went away.
    """
    job = PhoneJob(
        file=path.name, signature=None, inputs={INPUT: np.ones((1, artefact.length or 0), np.int32)}, threads=threads,
        delegate=None, calls=PHONE_CALLS, warmup=WARMUP, is_traced=False,
    )  # fmt: skip
    text = program.run(job, path, scratch)
    try:
        found = parse(text)
    except Incomplete as error:
        raise RuntimeFailure(f"benchmark_model, {path.name}: {error}.") from error
    return found.mean_ms if found.p50_ms is None else found.p50_ms
