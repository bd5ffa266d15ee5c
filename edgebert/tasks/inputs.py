"""The tables of a run: which there are, and which of their columns hold what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from edgebert.errors import UserError
from edgebert.recipes.options import Source
from edgebert.tasks import builtin
from edgebert.tasks.columns import Columns, find_columns, find_texts
from edgebert.tasks.readers import open_table
from edgebert.tasks.readers.table import Table
from edgebert.tasks.records import Record, read_records
from edgebert.tasks.targets import Reader

SPLIT_NAMES = {"train", "dev", "valid", "validation", "eval", "test"}


@dataclass(frozen=True)
class Input:
    """A table and the columns used of it."""

    table: Table
    columns: Columns

    def records(self, read: Reader | None = None) -> Iterator[Record]:
        """Read the table anew, its label column with ``read``."""
        return read_records(self.table, self.columns, read)

    def __str__(self) -> str:
        return f"{self.table.name} (columns {', '.join(self.columns.names)})"


@dataclass(frozen=True)
class Inputs:
    """All tables of a run, under the task's name. There is a train table or a dev table, or both."""

    name: str
    train: Input | None
    dev: Input | None
    unlabelled: Input | None

    @property
    def has_pair(self) -> bool:
        """Whether a row is a pair of texts."""
        return any(given is not None and given.columns.pair is not None for given in (self.train, self.dev))

    def tables(self) -> dict[str, str]:
        """The table of each role in words."""
        roles = {"train": self.train, "dev": self.dev, "unlabelled": self.unlabelled}
        return {role: str(given) for role, given in roles.items() if given is not None}


def open_inputs(source: Source) -> Inputs:
    """Open the tables that ``source`` names, or the built-in task's, and find their columns.

    Raises:
        UserError: when a table or a column cannot be found, or train and dev differ in having pairs.
    """
    train = dev = None
    if source.builtin_task:
        train = builtin.labelled_table()
    if source.train:
        train = open_table(source.train, "train", "--train")
    if source.dev:
        dev = open_table(source.dev, "dev", "--dev")
    inputs = Inputs(
        builtin.NAME if source.builtin_task else _name(str(source.train or source.dev)),
        Input(train, find_columns(train, source)) if train else None,
        Input(dev, find_columns(dev, source)) if dev else None,
        None,
    )
    if inputs.train and inputs.dev and bool(inputs.train.columns.pair) != bool(inputs.dev.columns.pair):
        raise UserError(
            f"One table holds pairs of texts and the other does not: {inputs.train}; {inputs.dev}.",
            "Name the columns with --text-column and --pair-column.",
        )
    unlabelled = None
    if source.unlabelled:
        unlabelled = open_table(source.unlabelled, "unlabelled", "--unlabelled")
    elif source.builtin_task:
        unlabelled = builtin.unlabelled_table()
    if unlabelled is None:
        return inputs
    columns = find_texts(unlabelled, source, inputs.has_pair)
    return Inputs(inputs.name, inputs.train, inputs.dev, Input(unlabelled, columns))


def _name(ref: str) -> str:
    """A task's name, from its table's: `reviews` of reviews.csv, `SST-2` of SST-2/train.tsv."""
    path = PurePath(ref.partition("@")[0].partition(":")[0] or ref)
    stem = path.stem if path.suffix else path.name
    return path.parent.name if stem.lower() in SPLIT_NAMES and path.parent.name else stem
