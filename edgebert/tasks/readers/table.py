"""What every reader gives: columns, and rows on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Records = Iterator[tuple[int, Sequence[Any]]]
"""Number of the row (as a text editor counts lines, in text files) and its values."""


@dataclass(frozen=True)
class Table:
    """A table that is read from its source each time anew, so that it never lies in memory.

    Attributes:
        name: the file or data set, for messages.
        columns: names of its columns.
        records: given names of columns, an iterator over all rows with the values of these columns, in that order.
        unit: what a row's number counts: `line` or `row`.
        classes: for columns that hold class ids, or lists of them, and say what they mean: the names, in id order.
    """

    name: str
    columns: tuple[str, ...]
    records: Callable[[Sequence[str]], Records]
    unit: str = "line"
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def at(self, number: int) -> str:
        """Where a row is, for messages."""
        return f"{self.name}, {self.unit} {number}"
