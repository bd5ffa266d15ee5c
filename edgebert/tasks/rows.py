"""Rows of a task on disk: an Arrow file that is memory-mapped, so that a large table costs no memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from edgebert.files import atomic

SCHEMA = pa.schema([("text", pa.string()), ("pair", pa.string()), ("label", pa.int32())])
BATCH_ROWS = 4096
BATCH_CHARACTERS = 1 << 24
"""A batch is written when it holds so many rows or characters: rows of any length pass through bounded memory."""


@dataclass(frozen=True)
class Row:
    """One text, or a pair of texts, with the id of its label where it has one."""

    text: str
    pair: str | None = None
    label: int | None = None


class Rows:
    """A memory-mapped sequence of `Row`.

    Args:
        path: an Arrow IPC file that `Rows.write` made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()

    @classmethod
    def write(cls, path: Path, rows: Iterable[Row]) -> Rows:
        """Write ``rows`` to ``path``, atomically and in batches, and open it."""
        with writing(path) as add:
            for row in rows:
                add(row)
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> Rows:
        """Open rows that were written before."""
        return cls(path)

    @property
    def labels(self) -> npt.NDArray[np.int32]:
        """Label ids [rows]; -1 where a row has none."""
        column = self._table["label"].fill_null(-1)
        return np.asarray(column.to_numpy(), dtype=np.int32)

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __getitem__(self, index: int) -> Row:
        return Row(*(self._table[name][index].as_py() for name in SCHEMA.names))

    def __iter__(self) -> Iterator[Row]:
        for batch in self._table.to_batches(max_chunksize=BATCH_ROWS):
            yield from map(Row, *(column.to_pylist() for column in batch.columns))

    def batches(self, size: int) -> Iterator[list[Row]]:
        """The rows in order, in lists of ``size``; the last list may be shorter."""
        rows = iter(self)
        while batch := list(islice(rows, size)):
            yield batch


@contextmanager
def writing(path: Path) -> Iterator[Callable[[Row], None]]:
    """Give a function that adds a row to ``path``; the file is there when the block ends well."""
    with atomic(path) as temporary, pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_file(sink, SCHEMA) as file:
        waiting: list[Row] = []
        characters = 0

        def flush() -> None:
            columns = [[getattr(row, name) for row in waiting] for name in SCHEMA.names]
            file.write_batch(pa.record_batch(columns, schema=SCHEMA))
            waiting.clear()

        def add(row: Row) -> None:
            nonlocal characters
            waiting.append(row)
            characters += len(row.text) + len(row.pair or "")
            if len(waiting) == BATCH_ROWS or characters >= BATCH_CHARACTERS:
                flush()
                characters = 0

        yield add
        flush()
