"""`tinybert-4` and `tinybert-6`: the two shapes of TinyBERT (Jiao et al. 2020, section 4.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from edgebert.students import Context
from edgebert.students.architectures.bert import Size, check_fits, of_size, start

__all__ = ["EXAMPLES", "NAME", "build", "check_start", "start"]

if TYPE_CHECKING:
    from edgebert.models.huggingface import HuggingFaceModel

SIZES = {
    "tinybert-4": Size(layers=4, hidden=312, intermediate=1200, heads=12),
    "tinybert-6": Size(layers=6, hidden=768, intermediate=3072, heads=12),
}
NAME = re.compile("|".join(SIZES))
EXAMPLES = tuple(SIZES)


def build(name: str, context: Context) -> HuggingFaceModel:
    """A student with random weights."""
    return of_size(SIZES[name], context)


def check_start(name: str, teacher: Mapping[str, Any]) -> None:
    """Refuse a teacher of another family, or one smaller than the student in anything."""
    check_fits(SIZES[name], teacher)
