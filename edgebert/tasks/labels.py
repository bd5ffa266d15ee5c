"""Names and ids of the labels: those of the teacher where it has some, else those of the table."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from edgebert.errors import UserError

INTEGER = re.compile(r"-?\d{1,18}")
PLACEHOLDER = re.compile(r"LABEL_\d+")
"""What Hugging Face calls the labels of a model whose maker named none."""


@dataclass(frozen=True)
class LabelMap:
    """From a table's labels to ids.

    Attributes:
        names: names of the labels in id order.
        ids: id of each of the table's labels, called as `label_name` does.
        notes: what the user should know about how they were mapped.
    """

    names: tuple[str, ...]
    ids: dict[str, int]
    notes: tuple[str, ...] = ()


def map_labels(
    found: Collection[str], teacher: Sequence[str] | None, order: Sequence[str] | None, where: str, fewest: int = 2
) -> LabelMap:
    """Give each of a table's labels an id.

    Args:
        found: the different labels of the table.
        teacher: the names of a classifier's labels in id order, None where there is no classifier.
        order: the table's own order of labels, where it states one; else numbers by value, then names by alphabet.
        where: the table, for messages.
        fewest: so many different labels are needed.

    Raises:
        UserError: when there are fewer, or the teacher's labels are others.
    """
    if not found:
        raise UserError(f"{where}: no row has a label.", "If it is the wrong column: --label-column names another.")
    if len(found) < fewest:
        raise UserError(
            f"{where}: every row has the same label, '{next(iter(found))}'.",
            "A classifier needs rows of at least two labels. If it is the wrong column: --label-column names another.",
        )
    own = tuple(order) if order and set(found) <= set(order) else tuple(sorted(found, key=_by_number))
    if teacher is None:
        return LabelMap(own, {name: index for index, name in enumerate(own)})
    mapped = _by_name(found, own, teacher) or _by_id(found, teacher) or _by_place(own, teacher)
    if mapped is None:
        raise UserError(
            f"{where}: its {len(own)} labels are {listed(own)}; the teacher's {len(teacher)} are {listed(teacher)}.",
            "Make them agree: rename the table's, or id2label in the teacher's config.json; or name another column "
            "with --label-column.",
        )
    return mapped


def listed(names: Sequence[str], most: int = 12) -> str:
    """Names in quotes, the first ``most`` of them."""
    shown = ", ".join(f"'{name}'" for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _by_number(name: str) -> tuple[bool, int, str]:
    return (False, int(name), name) if INTEGER.fullmatch(name) else (True, 0, name)


def _plain(name: str) -> str:
    """A name without its case and spacing: 'Not  Entailment', 'not_entailment' and 'not-entailment' are one label."""
    return re.sub(r"[\s_-]+", " ", name).strip().casefold()


def _by_name(found: Collection[str], own: Sequence[str], teacher: Sequence[str]) -> LabelMap | None:
    # Where names differ in case or spacing alone, these count.
    plain = _plain if len({*map(_plain, teacher)}) == len(teacher) and len({*map(_plain, found)}) == len(found) else str
    names = {plain(name): index for index, name in enumerate(teacher)}
    if any(plain(name) not in names for name in found):
        return None
    ids = {name: names[plain(name)] for name in found}
    order = [ids[name] for name in own if name in ids]
    notes = []
    if order != sorted(order):
        notes.append(
            f"The teacher orders the labels otherwise than the table: its ids 0 to {len(teacher) - 1} are "
            f"{listed(teacher)}. Rows were mapped by name."
        )
    if missing := [name for index, name in enumerate(teacher) if index not in order]:
        notes.append(f"{len(missing)} of the teacher's labels occur nowhere in the table: {listed(missing)}.")
    return LabelMap(tuple(teacher), ids, tuple(notes))


def _by_id(found: Collection[str], teacher: Sequence[str]) -> LabelMap | None:
    ids = {name: int(name) for name in found if INTEGER.fullmatch(name)}
    # The last id must occur, or a table of 0 and 1 would pass for one of any larger number of labels.
    if len(ids) < len(found) or min(ids.values()) < 0 or max(ids.values()) != len(teacher) - 1:
        return None
    pairs = ", ".join(f"{index} = {name}" for index, name in enumerate(teacher))
    note = f"The table's labels are numbers and were taken for the teacher's ids: {pairs}."
    return LabelMap(tuple(teacher), ids, (note,))


def _by_place(own: tuple[str, ...], teacher: Sequence[str]) -> LabelMap | None:
    if len(own) != len(teacher) or not all(PLACEHOLDER.fullmatch(name) for name in teacher):
        return None
    pairs = ", ".join(f"{index} = {name}" for index, name in enumerate(own))
    note = f"The teacher's labels have no names. The table's took its ids in order: {pairs}. Check that this is right."
    return LabelMap(own, {name: index for index, name in enumerate(own)}, (note,))
