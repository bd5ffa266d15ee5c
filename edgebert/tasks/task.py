"""What is to be learnt: rows with labels, split once and for all."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from edgebert.files import read_json, write_json

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from edgebert.tasks.rows import Rows

Numbers = TypeVar("Numbers", "np.ndarray", "Tensor")
Split = Literal["train", "select", "calibration", "dev", "unlabelled"]
SPLITS: tuple[Split, ...] = ("train", "select", "calibration", "dev", "unlabelled")
FILE = "task.json"


@dataclass(frozen=True)
class Task:
    """A prepared task: a folder of splits.

    Attributes:
        folder: where it lies; not saved, so that a run folder can be moved.
        name: name for reports.
        kind: name of the kind of task, see `edgebert.tasks.kinds`.
        labels: names of the outputs in order: of classes, of labels, or of the column of a number.
        has_pair: whether a row is a pair of texts.
        sizes: rows of each split. `calibration` rows are in `train` too; `select` and `dev` rows are not.
        shift: mean of the train rows' numbers; 0 for other kinds.
        scale: their standard deviation; 1 for other kinds.
    """

    folder: Path
    name: str
    kind: str
    labels: tuple[str, ...]
    has_pair: bool
    sizes: dict[str, int]
    shift: float = 0.0
    scale: float = 1.0

    def standard(self, numbers: Numbers) -> Numbers:
        """Targets or logits in the unit that models are trained in, (x - shift) / scale.

        Numbers of any size are 0 on average there and about 1 large; other kinds keep theirs.
        """
        return (numbers - self.shift) / self.scale

    def rows(self, split: Split) -> Rows:
        """The rows of a split, memory-mapped; none for a split of size 0."""
        from edgebert.tasks.rows import Rows

        return Rows.open(self.folder / f"{split}.arrow")

    def save(self) -> None:
        """Write `task.json` into the folder."""
        values = asdict(self)
        del values["folder"]
        write_json(self.folder / FILE, values)

    @classmethod
    def load(cls, folder: Path) -> Task:
        """Read the task that `save` left in ``folder``."""
        values = read_json(folder / FILE)
        return cls(folder=folder, **(values | {"labels": tuple(values["labels"])}))
