"""Students by name: `tinybert-4`, `bert-6-384`, `none`. The name's first word is its file in `architectures`.

Such a file has `NAME`, the pattern its names match, `EXAMPLES` to suggest, and `build`; it imports torch only there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from edgebert import registry

if TYPE_CHECKING:
    from pathlib import Path

    from edgebert.models.huggingface import HuggingFaceModel

ROOM = "students/architectures"


@dataclass(frozen=True)
class Context:
    """What a student takes over from its teacher and task."""

    teacher: Path
    """The teacher's checkpoint folder: vocabulary, positions, activation."""
    labels: tuple[str, ...]
    has_pair: bool = False
    """Whether a row is a pair of texts."""


class Architecture(Protocol):
    """What a file of `architectures` holds."""

    NAME: re.Pattern[str]
    """Matches the whole name of each of its students."""
    EXAMPLES: tuple[str, ...]
    """Names to suggest."""

    def build(self, name: str, context: Context) -> HuggingFaceModel:
        """A student with random weights."""


def architecture(name: str) -> Architecture:
    """The file behind a student's name; imports no torch.

    Raises:
        UserError: for a student that does not exist, with the nearest names.
    """
    files = [cast("Architecture", registry.load(ROOM, stem)) for stem in registry.names(ROOM)]
    for file in files:
        if file.NAME.fullmatch(name):
            return file
    raise registry.unknown("--student", name, [example for file in files for example in file.EXAMPLES])
