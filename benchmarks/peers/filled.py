"""Texts of full length, made of shorter ones: files that cut padding off would otherwise be timed on less."""

from __future__ import annotations

import numpy as np

from edgebert.runtimes.token_file import TokenFile


def filled(rows: TokenFile, row: int, length: int) -> dict[str, np.ndarray]:
    """A row so often one behind the other that it has ``length`` tokens and no padding, int32 [1, length] each."""
    return {name: np.resize(value[0], length)[None] for name, value in rows.feeds(row).items()}
