"""A cell of a label column as a name, several names, or a number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

WHOLE_FLOAT = re.compile(r"(-?\d+)\.0+")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def label_name(value: Any, classes: Sequence[str] | None = None) -> str | None:
    """The label in a table's cell as text; None where there is none.

    Whole numbers lose their ".0": a column of integers with gaps becomes one of floats on its way through pandas.
    With ``classes`` the cell holds an id among them; -1 means none, as in hub data sets.
    """
    if classes is not None:
        return None if value is None or value < 0 else classes[value]
    text = "" if value is None or value != value else str(value).strip()
    whole = WHOLE_FLOAT.fullmatch(text)
    return (whole[1] if whole else text) or None


def is_list(value: Any) -> bool:
    """Whether a cell holds several values, or room for them."""
    return isinstance(value, list | tuple | np.ndarray)


def label_names(value: Any, classes: Sequence[str] | None = None, separator: str | None = None) -> list[str | None]:
    """The labels in a cell, as `label_name` gives each; None among them for one that is empty.

    Args:
        value: a list; or a text, where there is a ``separator``, whose empty parts say nothing.
        classes: names of the ids that the list holds.
        separator: what stands between the labels of a text.
    """
    if is_list(value):
        return [label_name(item, classes) for item in value]
    return [name for part in str(value or "").split(separator) if (name := label_name(part))]


def number(value: Any) -> float | None:
    """The finite number in a cell, as precise as float32; None where there is none."""
    if isinstance(value, str):
        value = value.strip()
        if not NUMBER.fullmatch(value):
            return None
    elif isinstance(value, bool) or not isinstance(value, int | float | Decimal | np.number):
        return None
    with np.errstate(over="ignore"):
        try:
            found = float(np.float32(float(value)))
        except OverflowError:  # an integer beyond every float
            return None
    return found if np.isfinite(found) else None
