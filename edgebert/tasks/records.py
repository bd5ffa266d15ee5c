"""Rows of a table as texts and a label's name, checked, with the place they stand at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from edgebert.errors import UserError
from edgebert.tasks.columns import Columns
from edgebert.tasks.labels import label_name
from edgebert.tasks.readers.table import Table
from edgebert.tasks.split import content_key


@dataclass(frozen=True)
class Record:
    """A row before its label has an id.

    Attributes:
        number: the row's number in its table.
        key: equal for rows of the same content, see `content_key`.
    """

    number: int
    text: str
    pair: str | None
    label: str | None
    key: bytes

    @property
    def empty(self) -> bool:
        """Whether there is no text to classify."""
        return not self.text.strip() and not (self.pair or "").strip()


def read_records(table: Table, columns: Columns) -> Iterator[Record]:
    """The rows of a table.

    Raises:
        UserError: for a cell that holds no text, or a row without the label that ``columns`` says it has.
    """
    classes = table.classes.get(columns.label or "")
    has_pair, has_label = columns.pair is not None, columns.label is not None
    for number, values in table.records(columns.names):
        text = _text(values[0], table, number, columns.text)
        pair = _text(values[1], table, number, str(columns.pair)) if has_pair else None
        label = label_name(values[-1], classes) if has_label else None
        if has_label and label is None:
            raise UserError(
                f"{table.at(number)}: the column '{columns.label}' is empty.",
                "Give the row a label, or move rows without one to a table of their own for --unlabelled.",
            )
        yield Record(number, text, pair, label, content_key(text, pair))


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
