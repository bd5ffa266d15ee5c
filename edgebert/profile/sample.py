"""Which dev rows are timed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edgebert.runtimes.token_file import TokenFile
from edgebert.tasks.encoder import TextEncoder, Tokens
from edgebert.tasks.task import Task


class Sample:
    """Rows taken evenly from all over the dev split, tokenised as files are fed with them.

    Args:
        task: the task.
        tokenizer: `tokenizer.json` of the student.
        rows: how many rows, at most.
        rounds: rounds they are dealt out to.
        scratch: where tokens are kept meanwhile.
    """

    def __init__(self, task: Task, tokenizer: Path, rows: int, rounds: int, scratch: Path) -> None:
        dev = task.rows("dev")
        places = np.unique(np.linspace(0, len(dev) - 1, rows).astype(int))
        self._rows = [dev[int(place)] for place in places]
        self._tokenizer, self._rounds, self._scratch = tokenizer, rounds, scratch

    def full(self, length: int) -> Path:
        """`TokenFile` of one row of exactly ``length`` tokens, made of the rows' own."""
        folder = self._scratch / f"full-{length}"
        if not folder.exists():
            encoder = TextEncoder(self._tokenizer, length)
            ids = [i for tokens in encoder.encode(self._rows) for i in tokens.input_ids]
            row = Tokens(tuple(np.resize(ids, length).tolist()), (0,) * length)
            TokenFile.write(folder, [row], encoder.pad_id)
        return folder

    def own(self, longest: int, number: int) -> tuple[Path, int]:
        """`TokenFile` of the rows of round ``number``, cut at ``longest`` tokens, and how many they are.

        Each round has rows of all lengths, short ones and long ones mixed.
        """
        folder = self._scratch / f"own-{longest}-{number}"
        encoder = TextEncoder(self._tokenizer, longest)
        by_length = sorted(encoder.encode(self._rows), key=len)
        rows = by_length[number :: self._rounds] or by_length
        order = np.random.default_rng(0).permutation(len(rows))
        if not folder.exists():
            TokenFile.write(folder, [rows[i] for i in order], encoder.pad_id)
        return folder, len(rows)
