"""What each exact reduction of the inference graph is worth: latency with and without it, and that logits stay.

Each file is timed in a process of its own, in rounds: a slow minute of the machine falls on all of them.
Run: python -m benchmarks.reductions        (about ten minutes)
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks import results, script, shapes
from converters import Deployment, GraphSpec, convert, save_list
from converters.artefact import load_list
from converters.encoder_weights import read
from converters.graph_spec import Target
from converters.lean_bert import LeanBert
from converters.reductions import ALL, Reductions
from edgebert import console, quantize, runtimes
from edgebert.errors import GateError
from edgebert.models.load import load
from edgebert.profile.sample import Sample
from edgebert.recipes.options import QuantizeOptions
from edgebert.runtimes.jobs import ModelFile, RunJob, TimeJob
from edgebert.runtimes.token_file import TokenFile
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Row
from edgebert.tasks.task import Task

WARMUP, BATCH = 3, 32
LARGEST = 1e-4
"""A logit may change by this much, or by four times what float32 costs the module itself."""


def main(
    *,
    student: str = "tinybert-4",
    checkpoint: Path | None = None,
    lengths: tuple[int, ...] = (32, 128),
    rows: int = 1000,
    rounds: int = 7,
    timed_calls: int = 40,
    results_in: Path = results.FOLDER,
) -> None:
    """Convert a student with every reduction, without each, and without any; time the files and compare their logits.

    Args:
        student: its shape, of random weights: latency does not depend on them.
        checkpoint: folder of a trained one with the built-in encoder's vocabulary, in its place.
        lengths: token lengths.
        rows: of the built-in task, half of them single texts, half pairs, whose logits are compared.
        rounds: how often each file is timed.
        timed_calls: in a round.
        results_in: folder of the result file.

    Raises:
        GateError: if a file gives other logits than the module.
    """
    watch = results.Watch()
    with tempfile.TemporaryDirectory(prefix="edgebert-") as name:
        work = Path(name)
        task = shapes.write_dev_rows(work / "task")
        shapes.write_teacher(work / "teacher")
        if checkpoint is None:
            checkpoint = work / "student"
            shapes.write_student(student, work / "teacher", checkpoint)
        files = _files(checkpoint, lengths, work / "files")
        exact = [one for length in lengths for one in _exactness(files, checkpoint, task, length, rows, work / "rows")]
        timed = _timed(files, task, lengths, rounds, timed_calls, work)
    results.write(
        "reductions", "reductions", results.command("reductions", sys.argv[1:]), watch,
        {"student": student, "rounds": rounds, "rows": rows, "exactness": exact, "settings": timed}, results_in,
    )  # fmt: skip
    wrong = [one for one in exact if not one["largest"] < one["allowed"]]
    if wrong:
        raise GateError(f"Logits change by up to {max(one['largest'] for one in wrong):.1e}.", "See the result file.")


def variants() -> dict[str, Reductions]:
    """All reductions, all but one, and none, by the name of what is missing ("" for nothing)."""
    names = [field.name for field in fields(ALL)]
    every = {name: replace(ALL, **{name: False}) for name in names}
    return {"": ALL, **every, "all": Reductions(**dict.fromkeys(names, False))}


def _files(checkpoint: Path, lengths: tuple[int, ...], folder: Path) -> dict[str, list[ModelFile]]:
    """For each variant its files, fp32 and int8; those that are the same as a variant's before are left out."""
    model: Any = load(checkpoint)
    weights, known, found = read(model.model), set[str](), dict[str, list[ModelFile]]()
    for missing, reductions in variants().items():
        graph, made = LeanBert(weights, reductions=reductions), []
        fp32, int8 = folder / f"{missing}-fp32", folder / f"{missing}-int8"
        targets: dict[Target, tuple[int, ...]] = {"onnx": (), "litert": lengths}
        for target, at in targets.items():
            spec = GraphSpec(
                target=target, lengths=at, inputs=model.graph_inputs, num_labels=len(weights.head[-1].dense.bias)
            )
            made += convert(Deployment.of(graph, spec), fp32, "x")
        made = [one for one in made if one.sha256 not in known]
        known |= {one.sha256 for one in made}
        if not made:  # weights that it makes no difference to
            continue
        save_list(made, fp32)
        quantize.quantize(fp32, QuantizeOptions(schemes=("int8",)), int8)
        found[missing] = [ModelFile(where, one) for where in (fp32, int8) for one in load_list(where)]
    return found


def _exactness(
    files: Mapping[str, list[ModelFile]], checkpoint: Path, task: Task, length: int, rows: int, scratch: Path
) -> Iterator[dict[str, Any]]:
    """The largest difference of a logit between each fp32 file and the module."""
    encoder = TextEncoder(task.folder / "tokenizer.json", length)
    texts = [row.text for row in task.rows("dev")][: rows // 2 + 1]
    chosen = [row for first, second in pairwise(texts) for row in (Row(first), Row(first, second))]
    folder = scratch / str(length)
    tokens = TokenFile.write(folder, encoder.encode(chosen), encoder.pad_id)
    single, double = (_module_logits(checkpoint, tokens, length, dtype) for dtype in ("float32", "float64"))
    allowed = max(LARGEST, 4 * float(np.abs(single - double).max()))
    for missing, of in files.items():
        for file in of:
            if file.artefact.scheme == "fp32" and file.artefact.length in (None, length):
                out = folder / "logits.npy"
                job = RunJob(file, folder, out, threads=1, pad_to=length)
                runtimes.for_format(file.artefact.format).run(job)
                largest = float(np.abs(np.load(out) - single).max())
                yield {"without": missing, "format": file.artefact.format, "length": length, "rows": len(tokens),
                       "largest": largest, "allowed": allowed}  # fmt: skip


def _module_logits(checkpoint: Path, tokens: TokenFile, length: int, dtype: str) -> np.ndarray:
    """The trained module's own, [rows, labels]."""
    import torch

    model: Any = load(checkpoint)
    module, found = model.model.to(getattr(torch, dtype)), []
    with torch.no_grad():
        for start in range(0, len(tokens), BATCH):
            feeds = [tokens.feeds(row, length) for row in range(start, min(start + BATCH, len(tokens)))]
            batch = {name: torch.tensor(np.concatenate([one[name] for one in feeds])) for name in model.graph_inputs}
            found.append(module(**batch).logits.numpy())
    return np.concatenate(found)


def _timed(
    files: Mapping[str, list[ModelFile]], task: Task, lengths: tuple[int, ...], rounds: int, calls: int, work: Path
) -> list[dict[str, Any]]:
    """Median ms of each file in each round, one thread."""
    sample = Sample(task, task.folder / "tokenizer.json", 1, 1, work)
    settings = [
        (missing, file, length)
        for length in lengths
        for missing, of in files.items()
        for file in of
        if file.artefact.length in (None, length)
    ]
    ms: list[list[float]] = [[] for _ in settings]
    with console.bar("timing", rounds * len(settings)) as bar:
        for _ in range(rounds):
            for (_, file, length), times in zip(settings, ms, strict=True):
                job = TimeJob((file,), sample.full(length), threads=1, warmup=WARMUP, calls=calls, seconds=0.0)
                times.append(median(runtimes.for_format(file.artefact.format).time(job).ms))
                bar.advance()
    return [
        {"without": missing, "format": file.artefact.format, "scheme": file.artefact.scheme, "length": length,
         "bytes": file.artefact.bytes, "round_p50_ms": [round(one, 3) for one in times]}
        for (missing, file, length), times in zip(settings, ms, strict=True)
    ]  # fmt: skip


if __name__ == "__main__":
    script.run(main)
