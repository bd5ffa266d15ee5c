"""What is written down beside a trained model: how large, how good, made how."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

from edgebert.files import read_json, write_json

FILE = "scores.json"


@dataclass(frozen=True, kw_only=True)
class PrunedVocabulary:
    """How texts are split by fewer word pieces.

    Attributes:
        pieces: of the vocabulary.
        pieces_before: of the teacher's.
        bytes_saved: of float32 embeddings.
        rows: percent of dev rows whose tokens are the same.
        tokens: how many the dev rows have, in percent of those before.
    """

    pieces: int
    pieces_before: int
    bytes_saved: int
    rows: float
    tokens: float

    @property
    def sentence(self) -> str:
        """All of it in words."""
        return (
            f"vocabulary: {self.pieces:,} of {self.pieces_before:,} pieces, {self.bytes_saved / 1e6:.1f} MB less in "
            f"fp32; {self.rows:.2f} % of the dev rows have the same tokens, together {self.tokens:.2f} % as many."
        )


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
    vocabulary: PrunedVocabulary | None = None
    """Of a student that keeps fewer word pieces than its teacher."""

    def save(self, folder: Path) -> None:
        """Write `scores.json`."""
        write_json(folder / FILE, asdict(self))

    @classmethod
    def load(cls, folder: Path) -> ModelScores:
        """Read `scores.json`."""
        values = read_json(folder / FILE)
        pruned = values.get("vocabulary")
        return cls(**values | {"vocabulary": PrunedVocabulary(**pruned) if pruned else None})
