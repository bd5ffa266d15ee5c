"""What is written down beside a trained model: how large, how good, made how."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

from edgebert.files import read_json, write_json

FILE = "scores.json"


@dataclass(frozen=True, kw_only=True)
class ModelScores:
    """Size and scores of a teacher or a student in PyTorch, fp32."""

    name: str
    architecture: str
    source: str
    """The checkpoint it started from."""
    parameters: int
    macs: int | None
    """Multiply-adds of one text at the longest length; None where there is no formula."""
    max_length: int
    """Where texts were cut, in tokens."""
    metric: str
    select: float | None = None
    """On the selection rows, by which the best checkpoint was chosen; None where there are none."""
    dev: float | None = None
    """On the dev rows, looked at once."""
    untrained_select: float | None = None
    """On the selection rows, before the first training step."""
    rows: dict[str, int] = field(default_factory=dict)
    """Rows of each split."""
    seed: int | None = None
    steps: int | None = None
    """Training steps made, and after how many the best checkpoint came."""
    best_step: int | None = None
    seconds: float | None = None
    """Training time."""
    fine_tuned: bool = False
    """Whether edgebert trained the classifier itself."""
    init: str | None = None
    """Where a student started."""
    licence: str | None = None

    def save(self, folder: Path) -> None:
        """Write `scores.json`."""
        write_json(folder / FILE, asdict(self))

    @classmethod
    def load(cls, folder: Path) -> ModelScores:
        """Read `scores.json`."""
        return cls(**read_json(folder / FILE))
