"""Time files on this machine: each engine and file in a process of its own.

All are timed in rounds, one after another, so that a slow minute of the machine falls on all of them.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from converters.artefact import load_list
from edgebert import console, runtimes
from edgebert.profile import operators
from edgebert.profile.latency import At, Conditions, Latencies, Latency
from edgebert.profile.sample import Sample
from edgebert.recipes.options import ProfileOptions
from edgebert.runtimes.jobs import ModelFile, Timed, TimeJob
from edgebert.store import machine
from edgebert.tasks.task import Task

LATENCY = "latency.json"
STUDENT = "student"
"""The model whose operators are timed, beside its calls."""
ROUNDS = 3
WARMUP = 3
SECONDS = 0.25
"""Each round of a fast file goes on for so long: more calls than asked for, and steadier percentiles."""
BUSY = 0.1
"""Others using more than this share of the cores are worth a warning."""


def profile(
    models: Mapping[str, Sequence[Path]],
    task: Task,
    tokenizer: Path,
    lengths: tuple[int, ...],
    options: ProfileOptions,
    out: Path,
) -> Latencies:
    """Time every file with one thread and with all cores, at full length and on the dev rows' own lengths.

    Args:
        models: for each model's name the folders of its files, with their `artefacts.json`.
        task: the task whose dev rows give the lengths.
        tokenizer: `tokenizer.json` of the student.
        lengths: token lengths, ascending; the last is the full length of files that take any.
        options: how many calls and rows.
        out: folder for `latency.json`, `operators.json` and what each round measured; a killed call goes on with the
            rounds it finds.

    Raises:
        UserError: if an engine is not installed.
        RuntimeFailure: if an engine cannot run a file.
    """
    cores = int(machine()["cores"])
    settings = [
        setting
        for model, folders in models.items()
        for threads in sorted({1, cores})
        for setting in _settings(model, folders, lengths[-1], threads)
    ]
    rounds: dict[_Setting, list[Timed]] = {setting: [] for setting in settings}
    with (
        tempfile.TemporaryDirectory(prefix="edgebert-") as scratch,
        console.bar("timing", ROUNDS * len(settings)) as bar,
    ):
        sample = Sample(task, tokenizer, options.timed_rows, ROUNDS, Path(scratch))
        for number in range(ROUNDS):
            for setting in settings:
                path = out / "rounds" / f"{setting.key}-{number}.json"
                rounds[setting].append(_round(setting, number, sample, options, path))
                bar.advance()
        operators.save([_operators(s, sample, options) for s in settings if s.is_traced], out)
    found = Latencies(tuple(_latency(setting, times) for setting, times in rounds.items()))
    busy = max((one.conditions.others_busy or 0.0 for one in found.latencies), default=0.0)
    if busy > BUSY:
        console.warn(f"Other processes used up to {busy:.0%} of the cores while files were timed.")
    found.save(out / LATENCY)
    return found


@dataclass(frozen=True)
class _Setting:
    """What one process times."""

    model: str
    files: tuple[ModelFile, ...]
    at: At
    length: int
    threads: int

    @property
    def key(self) -> str:
        """A file name that no other setting has."""
        files = hashlib.sha256("".join(file.artefact.sha256 for file in self.files).encode()).hexdigest()[:12]
        first = self.files[0].artefact
        return f"{self.model}-{first.format}-{first.scheme}-{self.at}-{self.length}-t{self.threads}-{files}"

    @property
    def is_traced(self) -> bool:
        """Whether the operators of this setting are looked at."""
        return (self.model, self.at, self.threads) == (STUDENT, "length", 1)


def _settings(model: str, folders: Sequence[Path], max_length: int, threads: int) -> list[_Setting]:
    """Each file at each full length, then each set of files that rows of any length can choose from."""
    files = [ModelFile(folder, artefact) for folder in folders for artefact in load_list(folder)]
    full = [
        _Setting(model, (ModelFile(file.folder, one),), "length", one.length or max_length, threads)
        for file in files
        for one in file.artefact.each()
    ]
    sets: dict[tuple[str, str], list[ModelFile]] = {}
    for file in files:
        sets.setdefault((file.artefact.format, file.artefact.scheme), []).append(file)
    own = []
    for members in sets.values():
        longest = max(file.artefact.length or max_length for file in members)
        # Through a single function of one length, every row takes as long as a full one.
        if len(members) > 1 or members[0].artefact.driver == "by-signature" or members[0].artefact.length is None:
            own.append(_Setting(model, tuple(members), "rows", longest, threads))
    return full + own


def _round(setting: _Setting, number: int, sample: Sample, options: ProfileOptions, path: Path) -> Timed:
    if setting.at == "length":
        rows, calls, seconds = sample.full(setting.length), -(-options.timed_calls // ROUNDS), SECONDS
    else:
        rows, calls, seconds = *sample.own(setting.length, number), 0.0
    job = TimeJob(setting.files, rows, setting.threads, WARMUP, calls, seconds)
    return runtimes.timed_once(job, path)


def _operators(setting: _Setting, sample: Sample, options: ProfileOptions) -> operators.OperatorTimes:
    """A traced setting operator by operator, where its engine tells."""
    file = setting.files[0]
    runtime = runtimes.for_format(file.artefact.format)
    calls = -(-options.timed_calls // ROUNDS)
    job = TimeJob(setting.files, sample.full(setting.length), setting.threads, WARMUP, calls, 0.0)
    return operators.OperatorTimes(
        file=file.artefact.path,
        format=file.artefact.format,
        scheme=file.artefact.scheme,
        length=setting.length,
        engine=runtime.name,
        engine_version=runtime.version(),
        calls=calls,
        operators=runtime.operators(job) if runtime.tells_operators else None,
    )


def _latency(setting: _Setting, rounds: Sequence[Timed]) -> Latency:
    first, here = setting.files[0].artefact, machine()
    ms = np.concatenate([timed.ms for timed in rounds])
    memory = [timed.peak_memory_mb for timed in rounds if timed.peak_memory_mb is not None]
    busy = [timed.others_busy for timed in rounds if timed.others_busy is not None]
    p50, p90, p99 = (float(np.percentile(ms, share)) for share in (50, 90, 99))
    return Latency(
        model=setting.model,
        files=tuple(file.artefact.path for file in setting.files),
        format=first.format,
        scheme=first.scheme,
        bytes=sum(file.artefact.bytes for file in setting.files),
        basis="measured",
        at=setting.at,
        p50_ms=p50,
        p90_ms=p90,
        p99_ms=p99,
        mean_ms=float(ms.mean()),
        round_p50_ms=tuple(float(np.median(timed.ms)) for timed in rounds),
        open_ms=float(np.median([timed.open_ms for timed in rounds])),
        first_call_ms=float(np.median([timed.first_call_ms for timed in rounds])),
        peak_memory_mb=max(memory) if memory else None,
        conditions=Conditions(
            engine=runtimes.for_format(first.format).name,
            engine_version=rounds[0].engine_version,
            threads=setting.threads,
            length=setting.length if setting.at == "length" else None,
            batch=1,
            runs=len(ms),
            rounds=len(rounds),
            warmup=min(timed.warmup for timed in rounds),
            processor=str(here["processor"]),
            cores=int(here["cores"]),
            system=str(here["system"]),
            load_average=max(timed.load_average for timed in rounds),
            others_busy=max(busy) if busy else None,
        ),
    )
