"""Students by name: `tinybert-4`, `bert-6-384`, `none`. The name's first word is its file in `architectures`.

Such a file has `NAME`, the pattern its names match, `EXAMPLES` to suggest, `build`, and `check_start` and `start` for
a start from the teacher's weights; it imports torch only inside `build` and `start`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from edgebert import registry
from edgebert.files import read_json

if TYPE_CHECKING:
    from pathlib import Path

    from edgebert.models.huggingface import HuggingFaceModel
    from edgebert.recipes.options import DistillOptions
    from edgebert.students.transplant import Start
    from edgebert.training.batches import Batch

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
    """What a file of `architectures` holds; `none`, which learns nothing, has no start."""

    NAME: re.Pattern[str]
    """Matches the whole name of each of its students."""
    EXAMPLES: tuple[str, ...]
    """Names to suggest."""

    def build(self, name: str, context: Context) -> HuggingFaceModel:
        """A student with random weights."""

    def check_start(self, name: str, teacher: Mapping[str, Any]) -> None:
        """Refuse a teacher that `start` could not use, by its configuration (as in `config.json`) alone.

        Raises:
            UserError: naming a start that works.
        """

    def start(
        self, student: HuggingFaceModel, teacher: HuggingFaceModel, layers: tuple[int, ...],
        sample: Callable[[], list[Batch]],
    ) -> Start:  # fmt: skip
        """Give a student what it can take from its teacher's own weights (`--init teacher`).

        Args:
            student: changed in place.
            teacher: fine-tuned.
            layers: of the teacher, from 0: the one that each of the student's answers to.
            sample: gives text of the task, where a choice among the teacher's units needs some.
        """


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


def check_start(options: DistillOptions, teacher: Path) -> None:
    """Refuse a start from the teacher's weights that cannot work, before anything is trained.

    Args:
        options: which student, and where it starts.
        teacher: the teacher's checkpoint, or the bare encoder that will become one.

    Raises:
        UserError: naming a start that works.
    """
    found = architecture(options.student)
    if options.init == "teacher" and options.student != "none":
        found.check_start(options.student, read_json(teacher / "config.json"))
