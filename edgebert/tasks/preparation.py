"""Tables -> a task folder. Each table is read twice: once to learn its labels, once to write its rows."""

from __future__ import annotations

from pathlib import Path

from edgebert.errors import UserError
from edgebert.recipes.options import DataOptions, Source
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.inputs import Inputs, open_inputs
from edgebert.tasks.labels import LabelMap, listed, map_labels
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
    lengths: tuple[int, ...],
) -> Task:
    """See `edgebert.tasks.prepare`."""
    inputs = open_inputs(source)
    label_map = learn_labels(inputs, labels)
    tallies = write_splits(inputs, label_map, options, folder)
    sizes: dict[str, int] = {split: len(Rows.open(folder / f"{split}.arrow")) for split in SPLITS}
    _check_sizes(inputs, sizes)
    task = Task(folder, inputs.name, "classes", label_map.names, inputs.has_pair, sizes)
    measured = measure_lengths(task.rows("train" if inputs.train else "dev"), encoder, lengths)
    sanity = examine(task, inputs.tables(), tallies, measured, label_map.notes)
    sanity.save(folder)
    task.save()
    sanity.show()
    return task


def learn_labels(inputs: Inputs, teacher: tuple[str, ...] | None) -> LabelMap:
    """Ids of the labels of the train table (of the dev table where there is no other), see `map_labels`.

    Raises:
        UserError: also when a label of the dev table does not occur in the train table.
    """
    first, second = (inputs.train, inputs.dev) if inputs.train else (inputs.dev, None)
    assert first is not None, "Inputs holds a train or a dev table"
    known = first.labels()
    if second:
        for label, number in second.labels().items():
            if label not in known:
                raise UserError(
                    f"{second.table.at(number)}: the label '{label}' does not occur in {first.table.name}.",
                    f"The labels there are {listed(sorted(known))}.",
                )
    order = first.table.classes.get(str(first.columns.label))
    return map_labels(known, teacher, order, first.table.name)


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
