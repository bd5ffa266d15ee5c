"""The second pass over the tables: every row goes to the split that its content decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from edgebert.recipes.options import DataOptions
from edgebert.tasks.inputs import Input, Inputs
from edgebert.tasks.records import Record
from edgebert.tasks.rows import Row, writing
from edgebert.tasks.split import Sample, rank
from edgebert.tasks.targets import Reader
from edgebert.tasks.task import SPLITS, Split


@dataclass
class Tally:
    """What was odd in one table.

    Attributes:
        counts: rows without text (`empty`); whose content stood there before (`duplicate`), with another label
            (`conflict`); that stand in another table's held-out rows (`leak`).
        first: where the first row of each stands.
    """

    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def count(self, oddity: str, place: str) -> None:
        """Count a row."""
        self.counts[oddity] += 1
        self.first.setdefault(oddity, place)


def write_splits(inputs: Inputs, read: Reader, options: DataOptions, folder: Path) -> dict[str, Tally]:
    """Write one file a split into ``folder``.

    A dev table is kept whole, row by row, so that its score compares with anyone else's. Rows without text are left
    out of the other tables; so are train rows that stand in the dev table, and unlabelled ones that are held out.

    Returns:
        For each table (`train`, `dev`, `unlabelled`), what was odd in it.
    """
    tallies = {role: Tally() for role in inputs.tables()}
    with ExitStack() as files:
        add = {split: files.enter_context(writing(folder / f"{split}.arrow")) for split in SPLITS}
        writer = _Writer(read, options, tallies, add)
        if inputs.dev:
            writer.write_dev(inputs.dev)
        if inputs.train:
            writer.write_train(inputs.train, carve_dev=inputs.dev is None)
        if inputs.unlabelled:
            writer.write_unlabelled(inputs.unlabelled)
    return tallies


@dataclass
class _Writer:
    read: Reader
    options: DataOptions
    tallies: Mapping[str, Tally]
    add: Mapping[Split, Callable[[Row], None]]
    held_out: set[bytes] = field(default_factory=set)  # 16 bytes a row, not its text

    def write_dev(self, table: Input) -> None:
        for record in _watched(table, self.read, self.tallies["dev"]):
            self.held_out.add(record.key)
            self.add["dev"](_row(record))

    def write_train(self, table: Input, *, carve_dev: bool) -> None:
        tally, in_dev = self.tallies["train"], frozenset(self.held_out)
        calibration = Sample(self.options.calibration_rows, "calibration")
        for record in _watched(table, self.read, tally):
            if record.empty:
                continue
            if record.key in in_dev:
                tally.count("leak", table.table.at(record.number))
                continue
            split, row = self._split_of(record.key, carve_dev), _row(record)
            self.add[split](row)
            if split == "train":
                calibration.add(record.key, row)
            else:
                self.held_out.add(record.key)
        for row in calibration.rows():
            self.add["calibration"](row)

    def write_unlabelled(self, table: Input) -> None:
        tally = self.tallies["unlabelled"]
        sample = Sample(self.options.unlabelled_rows, "unlabelled")
        for record in table.records():
            if record.empty or record.key in self.held_out:
                tally.count("empty" if record.empty else "leak", table.table.at(record.number))
            else:
                sample.add(record.key, Row(record.text, record.pair))
        for row in sample.rows():
            self.add["unlabelled"](row)

    def _split_of(self, key: bytes, carve_dev: bool) -> Split:
        if carve_dev and rank(key, "dev") < self.options.dev_share:
            return "dev"
        return "select" if rank(key, "select") < self.options.select_share else "train"


def _row(record: Record) -> Row:
    return Row(record.text, record.pair, record.targets)


def _watched(table: Input, read: Reader, tally: Tally) -> Iterator[Record]:
    """The rows of a labelled table, its odd ones counted."""
    seen: dict[bytes, int] = {}  # hashes of the targets: these may be many
    for record in table.records(read):
        place = table.table.at(record.number)
        if record.empty:
            tally.count("empty", place)
        elif record.key not in seen:
            seen[record.key] = hash(record.targets)
        else:
            tally.count("duplicate", place)
            if seen[record.key] != hash(record.targets):
                tally.count("conflict", place)
        yield record
