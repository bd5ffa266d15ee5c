"""`none`: the teacher itself, converted and quantised as it is. The baseline that shows what distilling buys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edgebert.students import Context

if TYPE_CHECKING:
    from edgebert.models.huggingface import HuggingFaceModel

NAME = re.compile("none")
EXAMPLES = ("none",)


def build(name: str, context: Context) -> HuggingFaceModel:
    """The teacher's own classifier."""
    from edgebert.models.load import load

    return load(context.teacher)
