"""What is to be learnt from the label columns: the kind of task, the names of the outputs, how a cell is read."""

from __future__ import annotations

from dataclasses import dataclass

from edgebert.errors import UserError
from edgebert.recipes.options import DataOptions
from edgebert.tasks.inputs import Input, Inputs
from edgebert.tasks.label_column import LabelColumn, look
from edgebert.tasks.labels import PLACEHOLDER, listed, map_labels
from edgebert.tasks.targets import OneClass, OneNumber, Reader, SeveralLabels


@dataclass(frozen=True)
class Learnt:
    """What is learnt.

    Attributes:
        kind: name of the kind of task.
        names: of the outputs, see `Task.labels`.
        read: makes targets of a cell.
        words: kind, column and why, for the sanity report.
        notes: what the user should know about labels.
    """

    kind: str
    names: tuple[str, ...]
    read: Reader
    words: str
    notes: tuple[str, ...]


def learn(inputs: Inputs, options: DataOptions, labels: tuple[str, ...] | None, teacher: str | None) -> Learnt:
    """Look at the label column of the train table (of the dev table where there is no other) and decide.

    Args:
        inputs: the tables.
        options: what the user says of labels.
        labels: names of the teacher's outputs, None where it is no classifier.
        teacher: the kind it was trained for, where it says so.

    Raises:
        UserError: also when a label of the dev table does not occur in the train table.
    """
    first, second = (inputs.train, inputs.dev) if inputs.train else (inputs.dev, None)
    assert first is not None, "Inputs holds a train or a dev table"
    column = _look(first, options)
    kind, why = column.kind(options, teacher, labels is not None)
    where = f"in the column '{column.name}': {why}"
    if kind == "number":
        own = labels and not PLACEHOLDER.fullmatch(labels[0])
        return Learnt(kind, labels if labels and own else (column.name,), OneNumber(), f"a number, {where}", ())
    column.check_names()
    if second:
        _check_known(_look(second, options), column)
    mapped = map_labels(column.names, labels, column.classes, first.table.name, fewest=2 if kind == "classes" else 1)
    if kind == "labels":
        read = SeveralLabels(mapped.ids, len(mapped.names), options.label_separator)
        return Learnt(kind, mapped.names, read, f"any of {len(mapped.names)} labels, {where}", mapped.notes)
    notes = (*mapped.notes, *column.note(options, labels is not None))
    return Learnt(kind, mapped.names, OneClass(mapped.ids), f"one of {len(mapped.names)} classes, {where}", notes)


def _look(table: Input, options: DataOptions) -> LabelColumn:
    return look(table.table, str(table.columns.label), options)


def _check_known(dev: LabelColumn, train: LabelColumn) -> None:
    for name, row in dev.names.items():
        if name not in train.names:
            raise UserError(
                f"{dev.table.at(row)}: the label '{name}' does not occur in {train.table.name}.",
                f"The labels there are {listed(sorted(train.names))}.",
            )
