"""What each exact reduction of the inference graph is worth: latency with and without it, and that logits stay.

Each file is timed in a process of its own, in rounds: a slow minute of the machine falls on all of them.
Run: python -m benchmarks.reductions                     (every family)
     python -m benchmarks.reductions --families bort     (the others' sections of the result stay)
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import exactness, results, script, shapes, variants
from benchmarks.peers.families import write as write_checkpoint
from edgebert import console, runtimes
from edgebert.errors import GateError, UserError
from edgebert.profile.sample import Sample
from edgebert.runtimes.jobs import ModelFile, TimeJob

FAMILIES = ("tinybert-4", "bort", "distilbert", "mobilebert")
WARMUP = 3


def main(
    *,
    families: tuple[str, ...] = FAMILIES,
    checkpoint: Path | None = None,
    lengths: tuple[int, ...] = (32, 128),
    rows: int = 1000,
    rows_left_out: int = 1000,
    rounds: int = 7,
    timed_calls: int = 5,
    seconds: float = 0.2,
    results_in: Path = results.FOLDER,
) -> None:
    """Convert a model with every reduction, without each, and without any; time the files and compare their logits.

    Args:
        families: what to convert, of random weights: latency does not depend on them. Each has a section of the result.
        checkpoint: folder of a trained one, with its tokenizer, in place of the one family that is named.
        lengths: token lengths.
        rows: of the built-in task, half of them single texts, half pairs, whose logits are compared.
        rows_left_out: the same for files with a reduction left out; those with all of them have every one in them.
        rounds: how often each file is timed.
        timed_calls: in a round, at least.
        seconds: of timed calls in a round, at least; a slow file has no more than ``timed_calls``.
        results_in: folder of the result file.

    Raises:
        UserError: for a checkpoint of several families.
        GateError: if a file gives other logits than the module.
    """
    if checkpoint and len(families) != 1:
        raise UserError("A checkpoint is of one family.", f"Say which: --families {families[0]} --checkpoint ...")
    wrong = []
    for family in families:
        watch = results.Watch()
        with tempfile.TemporaryDirectory(prefix="edgebert-") as name:
            work = Path(name)
            source = checkpoint or write_checkpoint(family, work / family)
            task = shapes.write_dev_rows(work / "task")
            files = variants.write(source, lengths, work / "files")
            exact = [
                one
                for length in lengths
                for one in exactness.differences(files, source, task, length, rows, rows_left_out, work / "rows")
            ]
            sample = Sample(task, source / "tokenizer.json", 1, 1, work)
            timed = _timed(files, sample, lengths, rounds, timed_calls, seconds)
        values = {"rounds": rounds, "rows": rows, "exactness": exact, "settings": timed}
        command = results.command("reductions", sys.argv[1:])
        results.write_section("reductions", "reductions", family, command, watch, values, results_in)
        wrong += [(one["largest"], family) for one in exact if not one["largest"] < one["allowed"]]
    if wrong:
        largest, family = max(wrong)
        raise GateError(f"Logits of {family} change by up to {largest:.1e}.", "See the result file.")


def _timed(
    files: Mapping[str, list[ModelFile]], sample: Sample, lengths: tuple[int, ...], rounds: int, calls: int,
    seconds: float,
) -> list[dict[str, Any]]:  # fmt: skip
    """Median ms of each file in each round, one thread."""
    settings = [
        (missing, file, length)
        for length in lengths
        for missing, of in files.items()
        for file in of
        if file.artefact.scheme != variants.TO_8_BITS and file.artefact.length in (None, length)
    ]
    ms: list[list[float]] = [[] for _ in settings]
    with console.bar("timing", rounds * len(settings)) as bar:
        for _ in range(rounds):
            for (_, file, length), times in zip(settings, ms, strict=True):
                job = TimeJob((file,), sample.full(length), threads=1, warmup=WARMUP, calls=calls, seconds=seconds)
                times.append(median(runtimes.for_format(file.artefact.format).time(job).ms))
                bar.advance()
    return [
        {"without": missing, "format": file.artefact.format, "scheme": file.artefact.scheme, "length": length,
         "bytes": file.artefact.bytes, "round_p50_ms": [round(one, 3) for one in times]}
        for (missing, file, length), times in zip(settings, ms, strict=True)
    ]  # fmt: skip


if __name__ == "__main__":
    script.run(main)
