"""Latencies that others measured and published, each with its source and how that was checked: `published.csv`."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_suffix(".csv")
VERIFIED = {
    "source": "read at its source",
    "public copy": "read in a public copy of the table",
    "memory": "from memory, not checked",
}
"""How a row was checked, in words."""


@dataclass(frozen=True, kw_only=True)
class Published:
    """A published latency, batch 1.

    Attributes:
        name: of the row.
        device: name of its profile.
        engine: "tflite-2020" or "litert".
        threads: of the engine.
        dtype: "fp32" or "int8".
        model: its name; a student's, or that of another network.
        length: tokens; None for a network that reads images.
        gmacs: 1e9 multiply-adds of a network that edgebert does not build; None for others, whose files are read.
        ms: milliseconds of a call.
        statistic: what they are: "mean".
        source: paper, repository or page.
        verified: how the number was checked, one of `VERIFIED`.
        note: what else has to be known; may be empty.
    """

    name: str
    device: str
    engine: str
    threads: int
    dtype: str
    model: str
    length: int | None
    gmacs: float | None
    ms: float
    statistic: str
    source: str
    verified: str
    note: str


KINDS: dict[str, Callable[[str], Any]] = {"int": int, "int | None": int, "float": float, "float | None": float}


def published(path: Path = FILE) -> dict[str, Published]:
    """All rows by name."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [_row(values) for values in csv.DictReader(file)]
    return {row.name: row for row in rows}


def _row(values: dict[str, str]) -> Published:
    found: dict[str, Any] = {}
    for field in fields(Published):
        read, text = KINDS.get(str(field.type)), values[field.name]
        found[field.name] = text if read is None else read(text) if text else None
    return Published(**found)
