"""Arrays of different sizes, one a row, in one file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from edgebert.files import atomic

Halves = npt.NDArray[np.float16]


class RowBlocks:
    """fp16 blocks, written and read by position: however many rows there are, none of them stays in memory.

    A memory-mapped file would do the same in fewer words, but every page of it that was touched counts as the
    process's until the system takes it back.

    Args:
        path: made, of zeros, where it is missing.
        sizes: values in each row's block, int64 [rows].
    """

    def __init__(self, path: Path, sizes: npt.NDArray[np.int64]) -> None:
        self.starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
        self.nbytes = int(self.starts[-1]) * np.dtype(np.float16).itemsize
        if not path.exists():
            with atomic(path) as temporary, temporary.open("wb") as file:
                file.truncate(self.nbytes)
        self._file = path.open("r+b")

    def write(self, row: int, block: Halves) -> None:
        """Write a row's block, an array of its size in any shape."""
        self._file.seek(int(self.starts[row]) * block.itemsize)
        self._file.write(np.ascontiguousarray(block).data)

    def read(self, row: int) -> Halves:
        """A row's block, flat."""
        start, end = self.starts[row : row + 2].tolist()
        self._file.seek(start * 2)
        return np.frombuffer(self._file.read((end - start) * 2), np.float16)

    def flush(self) -> None:
        """Hand everything that was written to the system."""
        self._file.flush()
