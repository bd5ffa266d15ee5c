"""The process that an engine runs in: `python -m edgebert.runtimes.worker JOB.json ANSWER.json`."""

from __future__ import annotations

import gc
import importlib
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from edgebert import runtimes
from edgebert.files import atomic, new_array, read_json, write_json
from edgebert.runtimes import meter
from edgebert.runtimes.in_process import InProcess
from edgebert.runtimes.jobs import ModelFile, OperatorTime, RunJob, Timed, TimeJob
from edgebert.runtimes.runtime import RuntimeFailure, Session, check_session
from edgebert.runtimes.token_file import TokenFile

WARM_SECONDS = 0.05
"""A clock that was slowed down to save power needs about so long to come back."""

COPIES_BYTES = 1 << 30
"""Copies of a model opened side by side to run rows take about this much memory together."""


def run(engine: InProcess, job: RunJob) -> dict[str, Any]:
    """Run every row, on all threads: several sessions of one thread are faster than one session of several."""
    rows, length = TokenFile(job.rows), job.pad_to or job.file.artefact.length
    # An engine holds a model about three times: the file, its weights, and these packed for the processor.
    copies = max(1, min(job.threads, COPIES_BYTES // (3 * job.file.artefact.bytes)))
    sessions = [open_file(engine, job.file, job.threads // copies)[0] for _ in range(copies)]
    with atomic(job.out) as temporary:
        out = new_array(temporary, np.float32, (len(rows), _labels(sessions[0])))

        def share(first: int) -> None:
            session = sessions[first]
            for row in range(first, len(rows), copies):
                out[row] = call(session, rows.feeds(row, length))[0]

        with ThreadPoolExecutor(copies) as pool:
            list(pool.map(share, range(copies)))
        out.flush()
    return {}


def time_calls(engine: InProcess, job: TimeJob) -> Timed:
    """Open, first call, warm-up, then the clock; nothing else happens in this process."""
    importlib.import_module(engine.module)
    load_average, memory = os.getloadavg()[0], meter.PeakMemory()
    started = time.perf_counter()
    sessions = [session for file in job.files for session in open_file(engine, file, job.threads)]
    open_ms = _since(started)
    lengths = [length for file in job.files for length in file.artefact.lengths or (None,)]

    calls = plan(sessions, lengths, TokenFile(job.rows))
    longest_first = sorted(calls, key=lambda pair: -pair[1]["input_ids"].shape[1])
    used = [[feeds for owner, feeds in longest_first if owner is session] for session in sessions]
    first_call_ms, warmup = 0.0, 0
    for session, feeds in zip(sessions, used, strict=True):
        if feeds:
            started = time.perf_counter()
            call(session, feeds[0])
            first_call_ms += _since(started)
            warmup += warm_up(session, feeds, job.warmup)

    gc.disable()
    ms: list[float] = []
    cores, began = meter.OtherCores(), time.perf_counter()
    for session, feed in cycle(calls):
        started = time.perf_counter()
        session.run(feed)
        ms.append(_since(started))
        if len(ms) >= job.calls and time.perf_counter() - began >= job.seconds:
            break
    return Timed(
        engine.version(), open_ms, first_call_ms, tuple(ms), memory.growth_mb(), load_average, cores.share(), warmup
    )


def trace(engine: InProcess, job: TimeJob) -> list[OperatorTime]:
    """Operators of the first row's calls, the longest first."""
    (file,) = job.files
    feeds = TokenFile(job.rows).feeds(0, file.artefact.length)
    found = engine.trace(job, {spec.name: feeds[spec.name] for spec in file.artefact.inputs})
    return sorted(found, key=lambda one: -one.ms)


def warm_up(session: Session, feeds: list[dict[str, np.ndarray]], calls: int) -> int:
    """Call a session at least so many times and for `WARM_SECONDS`, if at all; gives the number of calls."""
    ends, made = time.perf_counter() + (WARM_SECONDS if calls else 0), 0
    for feed in cycle(feeds):
        if made >= calls and time.perf_counter() >= ends:
            break
        session.run(feed)
        made += 1
    return made


def plan(
    sessions: Sequence[Session], lengths: Sequence[int | None], rows: TokenFile
) -> list[tuple[Session, dict[str, np.ndarray]]]:
    """Each row's session and inputs: the shortest that it fits in; one of any length (None) takes it unpadded."""
    any_length = float("inf")
    order = sorted(zip(lengths, sessions, strict=True), key=lambda pair: pair[0] or any_length)
    calls = []
    for row, tokens in enumerate(rows.lengths):
        length, session = next(pair for pair in order if tokens <= (pair[0] or any_length))
        feeds = rows.feeds(row, length)
        calls.append((session, {spec.name: feeds[spec.name] for spec in session.inputs}))
    return calls


def open_file(engine: InProcess, file: ModelFile, threads: int) -> tuple[Session, ...]:
    """Open all functions of a file and hold their inputs and outputs against its artefact."""
    sessions = engine.open(file.path, file.artefact, threads)
    for session, one in zip(sessions, file.artefact.each(), strict=True):
        check_session(session, one)
    return sessions


def call(session: Session, feeds: Mapping[str, np.ndarray]) -> np.ndarray:
    """Run one row, giving the file the inputs it asks for by name."""
    found = session.run({spec.name: feeds[spec.name] for spec in session.inputs})
    if found.shape != (1, _labels(session)):
        raise RuntimeFailure(f"one row gave an output of shape {found.shape}.")
    return found


def _labels(session: Session) -> int:
    return int(session.outputs[0].shape[-1])


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1e3


def _end_with_parent() -> None:
    os.read(0, 1)  # not sys.stdin, whose lock would be missed at shutdown
    os._exit(1)


def main(ask: Path, answer: Path) -> None:
    """Do the job in ``ask`` and write its result, or why there is none, to ``answer``."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    wanted = read_json(ask)
    engine = runtimes.get(wanted["engine"])
    assert isinstance(engine, InProcess)
    try:
        if wanted["kind"] == "run":
            found = run(engine, RunJob.from_dict(wanted["job"]))
        elif wanted["kind"] == "operators":
            found = {"operators": [asdict(one) for one in trace(engine, TimeJob.from_dict(wanted["job"]))]}
        else:
            found = time_calls(engine, TimeJob.from_dict(wanted["job"])).to_dict()
    except RuntimeFailure as failure:
        found = {"failure": str(failure)}
    write_json(answer, found)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
