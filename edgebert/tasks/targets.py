"""From the cells of a label column to targets, see `edgebert.tasks.kinds`: one reader a kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from edgebert.errors import UserError
from edgebert.tasks.cells import is_list, label_name, label_names, number

EMPTY = "Give the row a label, or move rows without one to a table of their own for --unlabelled."


class Reader(Protocol):
    """Makes targets of a cell."""

    def __call__(self, value: Any, classes: Sequence[str] | None, where: str) -> tuple[float, ...]:
        """The targets of a row.

        Args:
            value: the cell.
            classes: names of the ids that it holds, where the table states them.
            where: row and column, for messages.

        Raises:
            UserError: when the cell holds something else.
        """


@dataclass(frozen=True)
class OneClass:
    """Reads the id of a class by its name."""

    ids: Mapping[str, int]

    def __call__(self, value: Any, classes: Sequence[str] | None, where: str) -> tuple[float, ...]:
        """See `Reader`."""
        if is_list(value):
            raise UserError(f"{where} holds a list where one class should be.", "For several labels: --kind labels.")
        name = label_name(value, classes)
        if name is None:
            raise UserError(f"{where} is empty.", EMPTY)
        return (float(self.ids[name]),)


@dataclass(frozen=True)
class SeveralLabels:
    """Reads which of ``width`` labels apply, by their names."""

    ids: Mapping[str, int]
    width: int
    separator: str | None

    def __call__(self, value: Any, classes: Sequence[str] | None, where: str) -> tuple[float, ...]:
        """See `Reader`."""
        if not is_list(value) and self.separator is None:
            what = "is empty" if label_name(value) is None else f"holds '{value}', which is no list"
            raise UserError(
                f"{where} {what}.",
                "Write a list in every row (an empty one where no label applies), or name with --label-separator what "
                "stands between labels.",
            )
        targets = [0.0] * self.width
        for name in label_names(value, classes, self.separator):
            if name is None:
                raise UserError(f"{where} holds a list with an empty label.", "Take it out of the list.")
            targets[self.ids[name]] = 1.0
        return tuple(targets)


@dataclass(frozen=True)
class OneNumber:
    """Reads a finite number."""

    def __call__(self, value: Any, classes: Sequence[str] | None, where: str) -> tuple[float, ...]:
        """See `Reader`."""
        cell = label_name(value, classes) if classes else value
        found = number(cell)
        if found is None:
            what = "is empty" if cell is None or cell == "" else f"holds '{cell}', which is no finite number"
            raise UserError(
                f"{where} {what}.",
                "Write a number such as 3.5, or leave the row out. If the column holds names: --kind classes.",
            )
        return (found,)
