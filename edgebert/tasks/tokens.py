"""Tokenised rows on disk, memory-mapped: tokenising happens once, training reads pages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from edgebert.files import atomic
from edgebert.tasks.encoder import TextEncoder, Tokens
from edgebert.tasks.rows import Rows, dense

SCHEMA = pa.schema(
    [
        ("input_ids", pa.list_(pa.int32())),
        ("token_type_ids", pa.list_(pa.int8())),
        ("targets", pa.list_(pa.float32())),
    ]
)
BATCH_ROWS = 1024
"""Every record batch but the last holds exactly so many rows, so that a row is found by division."""


class TokenRows:
    """A memory-mapped sequence of tokens and targets.

    Args:
        path: an Arrow IPC file that `TokenRows.write` made.

    Attributes:
        lengths: tokens of each row, int32 [rows].
        width: of the targets, see `edgebert.tasks.kinds`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        batches = table.to_batches()
        self._ids = [batch["input_ids"].values.to_numpy() for batch in batches]
        self._types = [batch["token_type_ids"].values.to_numpy() for batch in batches]
        self._offsets = [batch["input_ids"].offsets.to_numpy() for batch in batches]
        self._targets = table["targets"]
        self.width: int = pc.max(pc.list_value_length(self._targets)).as_py() or 1
        self._none = np.full(self.width, np.nan, np.float32)
        self.lengths: npt.NDArray[np.int32] = np.concatenate(
            [np.zeros(0, np.int32), *(np.diff(offsets) for offsets in self._offsets)]
        )

    @classmethod
    def write(cls, path: Path, rows: Rows, encoder: TextEncoder) -> TokenRows:
        """Tokenise ``rows`` to ``path``, atomically and in batches, and open it."""
        with atomic(path) as temporary, pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_file(sink, SCHEMA) as file:
            for batch in rows.batches(BATCH_ROWS):
                tokens = encoder.encode(batch)
                columns = [
                    [row.input_ids for row in tokens],
                    [row.token_type_ids for row in tokens],
                    [row.targets for row in batch],
                ]
                file.write_batch(pa.record_batch(columns, schema=SCHEMA))
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> TokenRows:
        """Open tokens that were written before."""
        return cls(path)

    @property
    def targets(self) -> npt.NDArray[np.float32]:
        """Targets of all rows [rows, width]; NaN where a row has none."""
        return dense(self._targets)

    def counts(self, ids: int) -> npt.NDArray[np.int64]:
        """How often each of ``ids`` ids occurs in all rows [ids]."""
        found = np.zeros(ids, np.int64)
        for batch in self._ids:
            found += np.bincount(batch, minlength=ids)
        return found

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, index: int) -> tuple[Tokens, npt.NDArray[np.float32]]:
        chunk, row = divmod(range(len(self))[index], BATCH_ROWS)
        start, end = self._offsets[chunk][row : row + 2]
        ids, types = self._ids[chunk][start:end], self._types[chunk][start:end]
        targets = self._targets.chunk(chunk)[row].values.to_numpy()
        return Tokens(tuple(ids.tolist()), tuple(types.tolist())), targets if len(targets) else self._none
