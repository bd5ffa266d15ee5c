"""What is written down beside a masked language model."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from edgebert.files import read_json, write_json

FILE = "masked-lm.json"


@dataclass(frozen=True, kw_only=True)
class MaskedLMScores:
    """How well hidden words are told, in rows held out.

    Attributes:
        source: the checkpoint.
        fitted: whether the head was fitted here; else it is the checkpoint's own.
        loss: cross-entropy of a hidden token, in nats.
        accuracy: hidden tokens told right, in percent.
        tokens: how many hidden tokens these are the means of.
        loss_before: with the head's first, random weights; None where it was not fitted.
        accuracy_before: likewise.
        rows: texts it was fitted on.
        steps: training steps made.
        seconds: training time.
    """

    source: str
    fitted: bool
    loss: float
    accuracy: float
    tokens: int
    loss_before: float | None = None
    accuracy_before: float | None = None
    rows: int = 0
    steps: int = 0
    seconds: float = 0.0

    def save(self, folder: Path) -> None:
        """Write `masked-lm.json`."""
        write_json(folder / FILE, asdict(self))

    @classmethod
    def load(cls, folder: Path) -> MaskedLMScores:
        """Read `masked-lm.json`."""
        return cls(**read_json(folder / FILE))

    def __str__(self) -> str:
        after = f"{self.loss:.2f} nats, {self.accuracy:.1f} % told right"
        where = f"on {self.tokens} hidden tokens of held-out rows"
        if not self.fitted:
            return f"masked LM of {self.source} itself: {after} {where}"
        return (
            f"masked-LM head fitted to {self.source} in {self.steps} steps on {self.rows} texts: loss "
            f"{self.loss_before:.2f} before, {after} after, {where}"
        )
