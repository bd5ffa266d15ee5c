"""What stands in a label column, looked at once from end to end, and which kind of task that makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from edgebert.errors import UserError
from edgebert.recipes.options import DataOptions
from edgebert.tasks.cells import is_list, label_name, label_names, number
from edgebert.tasks.readers.table import Table

MAX_LABELS = 1000
"""More different labels than this, and the column is taken for something else."""

MAX_FRACTIONAL_LABELS = 20
"""Half stars are classes, similarity scores are not."""

NUMBERS_WORTH_A_NOTE = 4


@dataclass
class LabelColumn:
    """The label column of a table.

    Attributes:
        table: the table.
        name: the column's.
        rows: of the table.
        names: each different label (those in lists one by one) with the number of the first row that has it.
        numbers: rows that hold a number.
        fraction: whether one of these is not whole.
        lists: the first row with several labels; None without any.
        singles: the first row without a list; None without any.
    """

    table: Table
    name: str
    rows: int = 0
    names: dict[str, int] = field(default_factory=dict)
    numbers: int = 0
    fraction: bool = False
    lists: int | None = None
    singles: int | None = None

    @property
    def classes(self) -> tuple[str, ...] | None:
        """Names of the classes in id order, where the table itself states them."""
        return self.table.classes.get(self.name)

    def add(self, row: int, value: Any, separator: str | None) -> None:
        """Look at a cell."""
        self.rows += 1
        if is_list(value):
            self.lists = self.lists or row
        else:
            self.singles = self.singles or row
        if is_list(value) or separator:
            found = label_names(value, self.classes, separator)
        else:
            found = [label_name(value, self.classes)]
            parsed = None if self.classes else number(value)
            self.numbers += parsed is not None
            self.fraction |= parsed is not None and not parsed.is_integer()
        for name in found:
            if name is not None and len(self.names) <= MAX_LABELS:
                self.names.setdefault(name, row)

    def check_names(self) -> None:
        """Make sure that the different labels can be classes.

        Raises:
            UserError: when there are too many.
        """
        if len(self.names) > MAX_LABELS:
            raise UserError(
                f"{self.table.at(max(self.names.values()))}: the column '{self.name}' holds more than {MAX_LABELS} "
                "different values, so it cannot be the label.",
                f"Name another with --label-column, or say --kind number if it is one. The columns are: "
                f"{', '.join(self.table.columns)}.",
            )

    def kind(self, options: DataOptions, teacher: str | None, has_labels: bool) -> tuple[str, str]:
        """The kind of task, and why it is that.

        Args:
            options: what the user says of it.
            teacher: the kind that the teacher was trained for; None where it does not say.
            has_labels: whether the teacher is a classifier, of whatever kind.

        Raises:
            UserError: when user, teacher and table contradict each other.
        """
        if self.lists and self.singles and not options.label_separator:
            raise UserError(
                f"{self.table.at(self.lists)}: the column '{self.name}' holds a list, where "
                f"{self.table.unit} {self.singles} holds none.",
                "Write a list in every row: of one label where one applies, empty where none does.",
            )
        asked = "labels" if options.label_separator else options.kind
        if asked != "auto":
            if (teacher and teacher != asked) or (has_labels and asked == "number" != teacher):
                option = "--label-separator" if options.label_separator else f"--kind {asked}"
                raise UserError(
                    f"{option} contradicts the teacher, which was trained for {teacher or 'classes'}.",
                    f"Leave {option} out, or give another --teacher.",
                )
            return asked, "as --kind says" if asked == options.kind else f"split at '{options.label_separator}'"
        if teacher:
            return teacher, "as the teacher was trained"
        if self.lists:
            return "labels", "its rows hold lists"
        several = len(self.names) > MAX_FRACTIONAL_LABELS
        if not has_labels and several and self.fraction and 2 * self.numbers > self.rows:
            return "number", f"it holds more than {MAX_FRACTIONAL_LABELS} different numbers with fractions"
        return "classes", "its values are names or whole numbers" if not self.fraction else "its values are few"

    def note(self, options: DataOptions, has_labels: bool) -> tuple[str, ...]:
        """What to tell the user of numbers that were taken for classes without being asked."""
        unsure = options.kind == "auto" and not has_labels and self.numbers == self.rows
        if unsure and len(self.names) >= NUMBERS_WORTH_A_NOTE:
            return (
                f"The {len(self.names)} labels are numbers and were taken for classes; --kind number learns them as a "
                "number.",
            )
        return ()


def look(table: Table, column: str, options: DataOptions) -> LabelColumn:
    """Look at the label column of a table.

    Raises:
        UserError: when there are no rows.
    """
    found = LabelColumn(table, column)
    for row, (value,) in table.records((column,)):
        found.add(row, value, options.label_separator)
    if not found.rows:
        raise UserError(f"{table.name} has no rows.", "Give a table with rows below its header.")
    return found
