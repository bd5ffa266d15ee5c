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
import pyarrow.compute as pc

from edgebert.files import atomic

SCHEMA = pa.schema([("text", pa.string()), ("pair", pa.string()), ("targets", pa.list_(pa.float32()))])
BATCH_ROWS = 4096
BATCH_CHARACTERS = 1 << 24
"""A batch is written when it holds so many rows or characters: rows of any length pass through bounded memory."""


@dataclass(frozen=True)
class Row:
    """One text, or a pair of texts, with its targets (see `edgebert.tasks.kinds`) where it has some."""

    text: str
    pair: str | None = None
    targets: tuple[float, ...] = ()


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
    def targets(self) -> npt.NDArray[np.float32]:
        """Targets [rows, width]; NaN where a row has none."""
        return dense(self._table["targets"])

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __getitem__(self, index: int) -> Row:
        return _row(*(self._table[name][index].as_py() for name in SCHEMA.names))

    def __iter__(self) -> Iterator[Row]:
        for batch in self._table.to_batches(max_chunksize=BATCH_ROWS):
            yield from map(_row, *(column.to_pylist() for column in batch.columns))

    def batches(self, size: int) -> Iterator[list[Row]]:
        """The rows in order, in lists of ``size``; the last list may be shorter."""
        rows = iter(self)
        while batch := list(islice(rows, size)):
            yield batch


def dense(column: pa.ChunkedArray) -> npt.NDArray[np.float32]:
    """Targets of a column of lists, [rows, width]; NaN in rows whose list is empty."""
    widths = pc.list_value_length(column).to_numpy()
    found = np.full((len(widths), int(widths.max(initial=0)) or 1), np.nan, np.float32)
    found[widths > 0] = pc.list_flatten(column).to_numpy().reshape(-1, found.shape[1])
    return found


def _row(text: str, pair: str | None, targets: list[float]) -> Row:
    return Row(text, pair, tuple(targets))


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
