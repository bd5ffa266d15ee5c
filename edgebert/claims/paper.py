"""The papers' own figures: `papers.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from device_profiles.published import Published, published

FILE = Path(__file__).with_name("papers.toml")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A speed-up that a paper prints.

    Attributes:
        name: what is faster than what.
        paper: who says so.
        model: the faster one.
        baseline: the slower one.
        conditions: of the paper's measurement, in words.
        verified: how the figure was checked, one of `device_profiles.published.VERIFIED`.
        device: profile that is predicted for.
        engine: likewise.
        threads: likewise.
        printed: times faster; None where the paper prints milliseconds alone.
        rows: the paper's milliseconds of model and baseline; empty where it prints none.
        differs: what makes the paper's figure another one than ours, in words.
    """

    name: str
    paper: str
    model: str
    baseline: str
    conditions: str
    verified: str
    device: str
    engine: str
    threads: int
    printed: float | None = None
    rows: tuple[Published, ...] = ()
    differs: str = ""

    @property
    def ratio(self) -> float:
        """Times faster, as printed or by the printed milliseconds."""
        if self.printed is not None:
            return self.printed
        model, baseline = self.rows
        return baseline.ms / model.ms


@dataclass(frozen=True)
class Papers:
    """Claims that are held at one length.

    Attributes:
        length: tokens.
        claims: what the papers say.
    """

    length: int
    claims: tuple[Claim, ...]

    @property
    def models(self) -> list[str]:
        """Names of the models that they are about, each once."""
        return list(dict.fromkeys(name for one in self.claims for name in (one.baseline, one.model)))


def papers(path: Path = FILE) -> Papers:
    """All claims of a file, their rows looked up."""
    values, known = tomllib.loads(path.read_text(encoding="utf-8")), published()
    rows = [{**one, "rows": tuple(known[name] for name in one.get("rows", ()))} for one in values["claims"]]
    return Papers(values["length"], tuple(Claim(**one) for one in rows))
