"""edgebert's files beside what other tools make of the same weights, in one run.

Run: python -m benchmarks.peers.setup       (once: the environments of the other tools)
     python -m benchmarks.peers --build     (once: all files; takes long, and the machine may be busy)
     make bench                             (python -m benchmarks.peers, on an idle machine)

Time does not depend on weights: without --model they are random. A contest that was held with the same settings and
files is not held again: a killed run goes on with the next one. Contests of the same machine that are not named keep
what they found earlier.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import results, script
from benchmarks.peers import engine, families
from benchmarks.peers.contest import hold
from benchmarks.peers.engine import LIMIT, OWN
from benchmarks.peers.environments import PACKAGES
from benchmarks.peers.families import SIZES
from benchmarks.peers.measured import REFERENCE
from benchmarks.peers.setting import Plan, Setting
from edgebert.errors import UserError
from edgebert.runtimes.environment import variables
from edgebert.store import machine, versions


def main(
    *contests: str,
    engines: tuple[str, ...] = (),
    threads: tuple[int, ...] = (1, 2),
    lengths: tuple[int, ...] = (16, 32, 64, 128),
    rounds: int = 7,
    calls: int = 3,
    seconds: float = 0.15,
    rows: int = 16,
    scored: int = 64,
    model: Path | None = None,
    table: Path | None = None,
    build: bool = False,
    again: bool = False,
    name: str = "peers",
    work: Path = results.WORK / "peers",
    results_in: Path = results.FOLDER,
) -> None:
    """Build and time; the result is written after every contest.

    Args:
        contests: families, and `sizes` for small models against large ones; all, where none is named.
        engines: those beside edgebert and PyTorch; all, where none is named.
        threads: counts, each timed apart.
        lengths: of files of fixed length; the last is full length, where texts are cut.
        rounds: turns of each file.
        calls: timed calls of a turn at full length, at least.
        seconds: timed seconds of a turn at full length, at least.
        rows: rows of a turn at own lengths.
        scored: rows whose logits are compared, or scored.
        model: checkpoint that has learnt the task of ``table``: in place of a family's random weights.
        table: texts, and labels where the model is trained; without it, the sentences of the built-in task.
        build: make the files and time nothing.
        again: time what was timed before.
        name: of the result file.
        work: where files and timings are kept.
        results_in: folder of the result file.

    Raises:
        UserError: for names that do not exist, or a model without a table.
    """
    watch = results.Watch()
    known = (*families.NAMES, SIZES)
    if model is not None and (table is None or contests):
        raise UserError("--model is a contest of its own and is scored on --table.", "Name a table, and no contests.")
    asked = (model.resolve().name,) if model else contests or known
    _check("contest", contests, known)
    _check("--engines", engines, engine.names())
    chosen = tuple(dict.fromkeys((OWN, REFERENCE[0], *(engines or engine.names()))))
    setting = Setting(chosen, threads, lengths, Plan(rounds, calls, seconds, rows, scored), model, table, work)
    held = _earlier(name, results_in)
    with tempfile.TemporaryDirectory(prefix="edgebert-") as scratch:
        found_by = variables(Path(scratch), PACKAGES)
        for one in (LIMIT, *asked):
            found = hold(one, setting, found_by, build_only=build, again=again)
            if not build:
                held[one] = {**found, "setting": setting.to_dict()}
                command = results.command("peers", sys.argv[1:])
                results.write(name, "peers", command, watch, {"contests": [*held.values()]}, results_in)


def _earlier(name: str, folder: Path) -> dict[str, dict[str, Any]]:
    """The contests of a result, by name; none of another machine or other libraries: their times say nothing here."""
    found, here = results.read(name, folder), {"machine": machine(), "versions": versions()}
    if found is None or any(found["conditions"][key] != value for key, value in here.items()):
        return {}
    return {one["name"]: one for one in found["contests"]}


def _check(what: str, names: tuple[str, ...], known: tuple[str, ...] | list[str]) -> None:
    for name in names:
        if name not in known:
            raise UserError(f"There is no {what} '{name}'.", f"There are: {', '.join(known)}.")


if __name__ == "__main__":
    script.run(main)
