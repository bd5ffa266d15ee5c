"""Which of many rows are new: by the hash of their content, 8 bytes a row, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from edgebert.tasks.rows import Row
from edgebert.tasks.split import content_key

Keys = npt.NDArray[np.uint64]


def key(text: str, pair: str | None) -> int:
    """A row's content as a number of 64 bits."""
    return int.from_bytes(content_key(text, pair)[:8], "little")


def keys(rows: Iterable[Row]) -> Keys:
    """The key of each row, uint64 [rows]."""
    return np.fromiter((key(row.text, row.pair) for row in rows), np.uint64)


def new(found: Sequence[Keys], known: Iterable[Keys]) -> npt.NDArray[np.bool_]:
    """Which rows are the first of their content, and of none that is known: bool [rows].

    Args:
        found: keys of the rows, in parts.
        known: keys of rows that are not wanted.
    """
    everything = np.concatenate([np.zeros(0, np.uint64), *found])
    fresh = np.zeros(len(everything), bool)
    fresh[np.unique(everything, return_index=True)[1]] = True
    for unwanted in known:
        fresh &= ~np.isin(everything, unwanted)
    return fresh
