"""What the augmenting stage leaves: rows, and how they came about."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from edgebert.files import read_json, write_json

FILE, ROWS = "augmented.json", "rows.arrow"


@dataclass(frozen=True, kw_only=True)
class Augmented:
    """What came out.

    Attributes:
        way: of augmenting.
        candidates: where they came from, in words.
        copies: passes over the train rows.
        train: how many of those there are.
        varied: rows made, each different from the others of its train row.
        rows: those kept: new, and in none of the task's splits.
    """

    way: str
    candidates: str
    copies: int
    train: int
    varied: int
    rows: int

    def save(self, folder: Path) -> None:
        """Write `augmented.json`."""
        write_json(folder / FILE, asdict(self))

    @classmethod
    def load(cls, folder: Path) -> Augmented:
        """Read `augmented.json`."""
        return cls(**read_json(folder / FILE))

    def __str__(self) -> str:
        return (
            f"{self.rows} new texts by {self.way} in {self.copies} passes over {self.train} train rows "
            f"({self.varied - self.rows} left out: not new); candidates: {self.candidates}"
        )
