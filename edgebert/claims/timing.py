"""Time the files here in rounds, model after model: a slow minute of the machine falls on all of them.

Each file and thread count has a process of its own. A killed call goes on with the rounds it finds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from edgebert import console, runtimes
from edgebert.files import read_json
from edgebert.runtimes.jobs import ModelFile, TimeJob
from edgebert.runtimes.token_file import TokenFile
from edgebert.tasks.encoder import Tokens

ROUNDS, WARMUP, CALLS, SECONDS = 3, 3, 10, 1.0
IDS = 1000
"""Token ids from 0 to this, which every vocabulary has."""

Times = Mapping[tuple[str, str, int], Sequence[float]]
"""Medians of the rounds in milliseconds, by model, scheme and threads."""


def time_all(files: Mapping[tuple[str, str], ModelFile], threads: Sequence[int], length: int, work: Path) -> Times:
    """Time every file with each thread count on a row of ``length`` tokens.

    Args:
        files: by model and scheme.
        threads: of the engine.
        length: tokens.
        work: where each round is kept.
    """
    row = np.random.default_rng(0).integers(0, IDS, length)
    rows = work / "row"
    TokenFile.write(rows, [Tokens(tuple(row.tolist()), (0,) * length)], 0)
    found: dict[tuple[str, str, int], list[float]] = {}
    with console.bar("timing", ROUNDS * len(files) * len(threads)) as bar:
        for number in range(ROUNDS):
            for (model, scheme), file in files.items():
                for count in threads:
                    bar.note(f"{model} {scheme}")
                    path = work / f"{model}-{scheme}-t{count}-{file.artefact.sha256[:12]}-{number}.json"
                    found.setdefault((model, scheme, count), []).append(_round(file, rows, count, path))
                    bar.advance()
    return found


def busiest(work: Path) -> float:
    """The largest share of all cores that other processes used while a round of ``work`` was timed."""
    found = [read_json(path)["others_busy"] for path in work.glob("*.json")]
    return max((float(share) for share in found if share is not None), default=0.0)


def _round(file: ModelFile, rows: Path, threads: int, path: Path) -> float:
    return median(runtimes.timed_once(TimeJob((file,), rows, threads, WARMUP, CALLS, SECONDS), path).ms)
