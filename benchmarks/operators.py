"""Where the milliseconds of edgebert's own files go, operator by operator: full length, batch 1, 1 thread.

Run: python -m benchmarks.operators tinybert-4        (a minute or two a family, and its files are made first)

ONNX Runtime's profiler tells of each node as it runs. LiteRT's Python package tells nothing: there each operator of a
file is called alone, in a model of its own. A family profiled before keeps its numbers until it is profiled again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import results, script
from benchmarks.peers import contestants, families
from benchmarks.peers.engine import OWN
from benchmarks.peers.engines.edgebert import ROOMS
from benchmarks.peers.environments import PACKAGES
from benchmarks.peers.inputs import Inputs, prepared
from benchmarks.peers.server import THREADS
from benchmarks.peers.setting import Plan as PeersPlan
from benchmarks.peers.setting import Setting
from benchmarks.profiles.turns import Plan
from converters.artefact import load_list
from edgebert import console, runtimes
from edgebert.errors import EdgebertError, UserError
from edgebert.files import read_json, write_json
from edgebert.profile.measure import BUSY
from edgebert.runtimes.environment import variables
from edgebert.runtimes.jobs import ModelFile
from edgebert.runtimes.token_file import TokenFile

NAME = "operators"
ERROR_CHARACTERS = 800


def main(
    *names: str,
    rounds: int = 7,
    calls: int = 3,
    seconds: float = 0.02,
    whole_seconds: float = 0.15,
    lengths: tuple[int, ...] = (16, 32, 64, 128),
    build: bool = False,
    work: Path = results.WORK / NAME,
    results_in: Path = results.FOLDER,
) -> None:
    """Make the files of families, and profile each; the result is written after every family.

    Args:
        names: of families; all that `benchmarks.peers` compares, where none is named.
        rounds: turns of each operator and of the whole file.
        calls: timed calls of a turn, at least.
        seconds: timed seconds of an operator's turn, at least.
        whole_seconds: of a whole file's turn.
        lengths: of the files' signatures; the last is profiled.
        build: make the files and time nothing.
        work: where files are made, and kept.
        results_in: folder of the result file.

    Raises:
        UserError: for a family that does not exist.
        EdgebertError: if a file cannot be made or profiled.
    """
    known, plan = (*families.NAMES, *families.STUDENTS), Plan(rounds, calls, seconds, whole_seconds)
    for name in names:
        if name not in known:
            raise UserError(f"There is no family '{name}'.", f"There are: {', '.join(dict.fromkeys(known))}.")
    watch, before = results.Watch(), results.read(NAME, results_in)
    found: list[dict[str, Any]] = before["files"] if before else []
    for family in names or families.NAMES:
        inputs = _inputs(family, lengths, work / family)
        files = _files(family, inputs, work / family / "engines")
        if build:
            continue
        own = results.Watch()
        profiles = [profile(file, inputs.rows, lengths[-1], plan) for file in console.track(files, family)]
        if (busy := max(one["others_busy"] or 0.0 for one in profiles)) > BUSY:
            console.warn(f"Others used up to {busy:.0%} of the cores: long calls suffer more by that than short ones.")
        when = {key: own.conditions()[key] for key in ("date", "revision", "load_average")}
        found = [one for one in found if one["family"] != family]
        found += [{"family": family, **one, "conditions": when} for one in profiles]
        results.write(
            NAME, NAME, results.command(NAME, sys.argv[1:]), watch, {"plan": asdict(plan), "files": found}, results_in
        )


def profile(file: ModelFile, rows: Path, length: int, plan: Plan) -> dict[str, Any]:
    """What a file and its operators take, as plain values; in a process that does nothing else.

    Args:
        file: a TFLite file with a signature of that length, or an ONNX file of any.
        rows: folder of a `TokenFile`: the row of the median length goes in, repeated until it fills ``length``.
        length: tokens.
        plan: how long each is timed.
    """
    artefact, runtime = file.artefact, runtimes.for_format(file.artefact.format)
    entry = next(one for one in artefact.entries if one.length in (None, length))
    tokens = TokenFile(rows).lengths
    row = int(np.argsort(tokens, kind="stable")[len(tokens) // 2])
    with tempfile.TemporaryDirectory(prefix="edgebert-") as scratch:
        ask, answer = Path(scratch) / "ask.json", Path(scratch) / "answer.json"
        write_json(ask, {
            "path": str(file.path.resolve()), "signature": entry.signature, "length": length, "row": row,
            "inputs": [spec.name for spec in entry.inputs], "rows": str(rows.resolve()), "plan": asdict(plan),
        })  # fmt: skip
        command = [sys.executable, "-m", "benchmarks.profiles.worker", str(ask), str(answer)]
        alone = {**os.environ, **dict.fromkeys(THREADS, "1")}
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=alone)
        if done.returncode:
            raise EdgebertError(f"{artefact.path} cannot be profiled: {done.stdout[-ERROR_CHARACTERS:]}")
        return {
            "runtime": runtime.name, "version": runtime.version(), "precision": artefact.scheme, "length": length,
            "file": artefact.path, **read_json(answer),
        }  # fmt: skip


def _inputs(family: str, lengths: tuple[int, ...], folder: Path) -> Inputs:
    """What `benchmarks.peers` makes files of."""
    setting = Setting((OWN,), (1,), lengths, PeersPlan(1, 1, 0.0, 1, 1), None, None, folder.parent)
    return prepared(families.write(family, folder / "checkpoint"), setting, folder)


def _files(family: str, inputs: Inputs, folder: Path) -> list[ModelFile]:
    """Files of edgebert's own, made as `benchmarks.peers` makes them; what was made by the same code stays."""
    with tempfile.TemporaryDirectory(prefix="edgebert-") as scratch:
        found_by = variables(Path(scratch), PACKAGES)
        _, absent = contestants.build(family, contestants.variants((OWN,)), inputs.job, folder, found_by)
    if absent:
        raise EdgebertError(f"The files of {family} cannot be made: {absent[0].reason}")
    return sorted(_listed(folder / OWN), key=lambda file: runtimes.for_format(file.artefact.format).name)


def _listed(folder: Path) -> Iterator[ModelFile]:
    for room in ROOMS:
        for artefact in load_list(folder / room):
            yield ModelFile(folder / room, artefact)


if __name__ == "__main__":
    script.run(main)
