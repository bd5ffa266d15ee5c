"""Tables -> a task folder. Each table is read twice: once to look at its labels, once to write its rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from edgebert.errors import UserError
from edgebert.recipes.options import DataOptions, Source
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.inputs import Inputs, open_inputs
from edgebert.tasks.learnt import learn
from edgebert.tasks.lengths import measure_lengths
from edgebert.tasks.rows import Rows
from edgebert.tasks.sanity import examine
from edgebert.tasks.splits import write_splits
from edgebert.tasks.task import SPLITS, Split, Task


def prepare(
    source: Source,
    options: DataOptions,
    folder: Path,
    *,
    labels: tuple[str, ...] | None,
    encoder: TextEncoder,
    lengths: tuple[int, ...] | None,
    kind: str | None = None,
) -> Task:
    """See `edgebert.tasks.prepare`."""
    inputs = open_inputs(source)
    learnt = learn(inputs, options, labels, kind)
    tallies = write_splits(inputs, learnt.read, options, folder)
    sizes: dict[str, int] = {split: len(Rows.open(folder / f"{split}.arrow")) for split in SPLITS}
    _check_sizes(inputs, sizes)
    task = Task(folder, inputs.name, learnt.kind, learnt.names, inputs.has_pair, sizes)
    if learnt.kind == "number" and inputs.train:
        shift, scale = _moments(task, str(inputs.train))
        task = replace(task, shift=shift, scale=scale)
    measured = measure_lengths(task.rows("train" if inputs.train else "dev"), encoder, lengths)
    sanity = examine(task, inputs.tables(), learnt.words, tallies, measured, learnt.notes)
    sanity.save(folder)
    task.save()
    sanity.show()
    return task


def _moments(task: Task, where: str) -> tuple[float, float]:
    """Mean and standard deviation of the train rows' numbers."""
    numbers = task.rows("train").targets.astype(np.float64)
    if not np.ptp(numbers):
        raise UserError(
            f"{where}: every row has the same number, {numbers[0, 0]:g}.",
            "If it is the wrong column: --label-column names another.",
        )
    return float(numbers.mean()), float(numbers.std())


def _check_sizes(inputs: Inputs, sizes: dict[str, int]) -> None:
    needed: tuple[Split, ...] = ("train", "select", "dev") if inputs.train else ("dev",)
    if all(sizes[split] for split in needed):
        return
    counts = ", ".join(f"{split} {sizes[split]}" for split in needed)
    raise UserError(
        f"{inputs.train or inputs.dev}: too few rows to split; what came out: {counts}.",
        "Give more rows (some hundred at least). Train rows without text, or that stand in the dev table too, were "
        "left out.",
    )
