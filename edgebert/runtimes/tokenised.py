"""Rows of a split as files are fed with them, tokenised once for each cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from edgebert.runtimes.token_file import TokenFile
from edgebert.tasks.encoder import TextEncoder, Tokens
from edgebert.tasks.rows import Rows

BATCH_ROWS = 4096


class Tokenised:
    """Tokens of all rows, on disk: little memory for any number of rows.

    Args:
        rows: of a split.
        tokenizer: `tokenizer.json` of the model.
        longest: where rows are cut for files of any length, in tokens.
        scratch: folder for the tokens.
    """

    def __init__(self, rows: Rows, tokenizer: Path, longest: int, scratch: Path) -> None:
        self._rows, self._tokenizer, self._longest, self._scratch = rows, tokenizer, longest, scratch

    def at(self, cut_at: int) -> Path:
        """Folder of the `TokenFile` of all rows, of which there is at least one, cut at ``cut_at`` tokens."""
        folder = self._scratch / f"s{cut_at}"
        if not folder.exists():
            encoder = TextEncoder(self._tokenizer, cut_at)
            TokenFile.write(folder, self._encode(encoder), encoder.pad_id)
        return folder

    def feeds(self, length: int | None) -> Iterator[dict[str, np.ndarray]]:
        """Each row as the inputs of a file: int32 [1, length], or unpadded for a file of any length (None)."""
        if len(self._rows):
            tokens = TokenFile(self.at(length or self._longest))
            for row in range(len(tokens)):
                yield tokens.feeds(row, length)

    def _encode(self, encoder: TextEncoder) -> Iterator[Tokens]:
        for batch in self._rows.batches(BATCH_ROWS):
            yield from encoder.encode(batch)
