"""Calibrate: time micro-models on a device, fit the cost model's coefficients, and write the device's profile."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from device_profiles import Device, Engine, write
from edgebert import console, runtimes
from edgebert.files import read_json, sha256, write_json
from edgebert.profile.costs.fit import Fitted, Row, fit, record
from edgebert.profile.costs.steps import steps
from edgebert.profile.micro import files, timing
from edgebert.profile.micro.files import MicroFile
from edgebert.profile.micro.grid import micros
from edgebert.profile.ready import Ready
from edgebert.runtimes.benchmark_model import installed

ROWS = "rows.json"
ENGINES, PHONE_ENGINES = ("litert", "ort"), ("litert",)
Timer = Callable[[MicroFile, str, int], float]
"""Milliseconds of a file in an engine with so many threads."""


@dataclass(frozen=True)
class MicroLatency:
    """One latency of a micro-model.

    Attributes:
        engine: "litert" or "ort".
        file: its name.
        rows: size of its input.
        threads: of the engine.
        ms: of a call.
    """

    engine: str
    file: str
    rows: int
    threads: int
    ms: float


def calibrate_here(device: Device, threads: Sequence[int], out: Path, work: Path) -> Device:
    """Time all micro-models on this machine, fit, and write ``device`` with what was found.

    Args:
        device: what is known of this machine.
        threads: numbers of threads to time with; 1 has to be among them.
        out: the TOML file.
        work: folder for the files and their times; a killed call goes on in it.

    Raises:
        UserError: if an engine is not installed.
    """
    versions = {engine: runtimes.get(engine).version() for engine in ENGINES}
    rows = measure(device, ENGINES, threads, work, lambda f, e, t: timing.milliseconds(f.path, f.artefact, e, t))
    return save(device, rows, versions, work, out)


def calibrate_phone(device: Device, ready: Ready, threads: Sequence[int], out: Path, work: Path) -> Device:
    """Likewise on a phone, LiteRT alone; see `calibrate_here`.

    Raises:
        UserError: if the phone is full, or the program is the wrong one for it.
        RuntimeFailure: if the program crashed or told no times, or the phone went away.
    """
    with (
        tempfile.TemporaryDirectory(prefix="edgebert-") as scratch,
        installed(ready.adb, ready.phone, ready.program, ready.mask) as program,
    ):

        def timer(file: MicroFile, engine: str, count: int) -> float:
            return timing.milliseconds_there(program, file.path, file.artefact, count, Path(scratch))

        rows = measure(device, PHONE_ENGINES, threads, work, timer)
    version = f"benchmark_model {sha256(ready.program)[:12]}"
    return save(device, rows, dict.fromkeys(PHONE_ENGINES, version), work, out)


def measure(
    device: Device, engines: Sequence[str], threads: Sequence[int], work: Path, timer: Timer
) -> list[MicroLatency]:
    """Write the micro-models of the engines into ``work`` and time those that were not timed there before."""
    path = work / ROWS
    rows = [MicroLatency(**one) for one in read_json(path)] if path.is_file() else []
    done = {(row.engine, row.file, row.threads) for row in rows}
    models = micros(device.shared_cache_bytes)
    there = [(engine, file) for engine in engines for file in files.write(models, engine, work / engine)]
    left = [
        (engine, file, count)
        for count in threads
        for engine, file in there
        if (engine, file.path.name, count) not in done
    ]
    for engine, file, count in console.track(left, "timing micro-models"):
        ms = timer(file, engine, count)
        rows.append(MicroLatency(engine, file.path.name, file.artefact.length or 0, count, ms))
        write_json(path, [asdict(row) for row in rows])
    return rows


def save(device: Device, latencies: Sequence[MicroLatency], versions: dict[str, str], work: Path, out: Path) -> Device:
    """Fit every engine's coefficients, write the profile, and say how well it fits."""
    engines = dict(device.engines)
    for engine, version in versions.items():
        rows = rows_of(latencies, engine, work)
        found = fit(rows, device)
        counts = ", ".join(map(str, sorted({row.threads for row in rows})))
        how, on = "least squares on relative errors", f"micro-models, threads: {counts}"
        engines[engine] = Engine(
            version=version, coefficients=found.coefficients, fit=record(how, on, found.errors, len(rows))
        )
        show(engine, rows, found)
    made = replace(device, basis="measured", engines=engines)
    write(made, out)
    console.say(f"profile: {out}; use it with --device {out}")
    return made


def rows_of(latencies: Sequence[MicroLatency], engine: str, work: Path) -> list[Row]:
    """Latencies with the operators of their files."""
    nodes = {}
    for one in latencies:
        if one.engine == engine and one.file not in nodes:
            folder = one.file.rsplit("-", 1)[0]
            nodes[one.file] = steps(work / engine / folder / one.file, one.rows)[1]
    return [Row(one.file, nodes[one.file], one.threads, one.ms) for one in latencies if one.engine == engine]


def show(engine: str, rows: Sequence[Row], found: Fitted) -> None:
    """Print how well each kind of micro-model is predicted."""
    kinds: dict[tuple[str, str, int], list[float]] = {}
    for row, error in zip(rows, found.errors, strict=True):
        name, _, rest = row.name.partition("-")
        kinds.setdefault((name, rest.rsplit("-", 1)[1].partition(".")[0], row.threads), []).append(error)
    console.table(
        f"{engine}: predicted against measured",
        ("micro-models", "precision", "threads", "latencies", "median error", "largest"),
        [
            (name, scheme, threads, len(errors), f"{np.median(np.abs(errors)):.1%}", f"{np.max(np.abs(errors)):.1%}")
            for (name, scheme, threads), errors in sorted(kinds.items())
        ],
    )
