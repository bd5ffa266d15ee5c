"""Rows of a table as texts and targets, checked, with the place they stand at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from edgebert.errors import UserError
from edgebert.tasks.columns import Columns
from edgebert.tasks.readers.table import Table
from edgebert.tasks.split import content_key
from edgebert.tasks.targets import Reader


@dataclass(frozen=True)
class Record:
    """A row before it has a split.

    Attributes:
        number: the row's number in its table.
        key: equal for rows of the same content, see `content_key`.
    """

    number: int
    text: str
    pair: str | None
    targets: tuple[float, ...]
    key: bytes

    @property
    def empty(self) -> bool:
        """Whether there is no text to classify."""
        return not self.text.strip() and not (self.pair or "").strip()


def read_records(table: Table, columns: Columns, read: Reader | None) -> Iterator[Record]:
    """The rows of a table.

    Args:
        table: the table.
        columns: those of it that are wanted.
        read: makes targets of its label column; None where ``columns`` has no label.

    Raises:
        UserError: for a cell that holds no text, or no label of the kind.
    """
    classes = table.classes.get(columns.label or "")
    has_pair = columns.pair is not None
    for number, values in table.records(columns.names):
        text = _text(values[0], table, number, columns.text)
        pair = _text(values[1], table, number, str(columns.pair)) if has_pair else None
        where = f"{table.at(number)}: the column '{columns.label}'"
        targets = read(values[-1], classes, where) if read else ()
        yield Record(number, text, pair, targets, content_key(text, pair))


def _text(value: Any, table: Table, number: int, column: str) -> str:
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise UserError(
                f"{table.at(number)}: the column '{column}' holds half a character ({error.object[error.start]!r}).",
                "Write characters beyond U+FFFF as they are, or as both halves of their escape.",
            ) from error
        return value
    if value is None or value != value:
        return ""
    if isinstance(value, int | float):
        return str(value)
    raise UserError(
        f"{table.at(number)}: the column '{column}' holds a {type(value).__name__} where a text should be.",
        "Name the column of the text with --text-column.",
    )
