"""Tokenised rows on disk, as engines in other processes and on other machines read them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from edgebert.files import read_json, write_json

if TYPE_CHECKING:
    from edgebert.tasks.encoder import Tokens


class TokenFile:
    """Rows of token ids, flat in files that are mapped into memory and not read: any number of rows, little memory.

    The folder holds `ids.i32` and `types.i8` (all rows after one another), `offsets.i64` (where each row starts, and
    where the last ends) and `tokens.json` (the padding id), all little-endian.

    Args:
        folder: what `write` made.
    """

    def __init__(self, folder: Path) -> None:
        self.pad_id: int = read_json(folder / "tokens.json")["pad_id"]
        self._offsets = np.memmap(folder / "offsets.i64", "<i8", mode="r")
        self._ids = np.memmap(folder / "ids.i32", "<i4", mode="r")
        self._types = np.memmap(folder / "types.i8", "<i1", mode="r")

    @classmethod
    def write(cls, folder: Path, rows: Iterable[Tokens], pad_id: int) -> TokenFile:
        """Stream ``rows`` into ``folder``; at least one row."""
        folder.mkdir(parents=True, exist_ok=True)
        offsets = array("q", [0])
        with (folder / "ids.i32").open("wb") as ids, (folder / "types.i8").open("wb") as types:
            for row in rows:
                ids.write(np.asarray(row.input_ids, "<i4").tobytes())
                types.write(np.asarray(row.token_type_ids, "<i1").tobytes())
                offsets.append(offsets[-1] + len(row.input_ids))
        np.asarray(offsets, "<i8").tofile(folder / "offsets.i64")
        write_json(folder / "tokens.json", {"pad_id": pad_id})
        return cls(folder)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each row, int64 [rows]."""
        return np.diff(self._offsets)

    def feeds(self, row: int, length: int | None = None) -> dict[str, np.ndarray]:
        """One row as the inputs of a graph, int32 [1, length] each; unpadded when ``length`` is None.

        Raises:
            ValueError: if the row is longer than ``length``.
        """
        start, end = int(self._offsets[row]), int(self._offsets[row + 1])
        tokens = end - start
        width = tokens if length is None else length
        if tokens > width:
            raise ValueError(f"row {row} has {tokens} tokens, more than {width}")
        ids = np.full((1, width), self.pad_id, np.int32)
        mask, types = np.zeros((1, width), np.int32), np.zeros((1, width), np.int32)
        ids[0, :tokens], types[0, :tokens], mask[0, :tokens] = self._ids[start:end], self._types[start:end], 1
        return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
