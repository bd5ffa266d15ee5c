"""Where the milliseconds of a call go: operator by operator, as the engine's own profiler tells it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from edgebert.files import read_json, write_json
from edgebert.runtimes.jobs import OperatorTime

SCHEMA = 1
FILE = "operators.json"


@dataclass(frozen=True, kw_only=True)
class OperatorTimes:
    """One file at its full length, 1 thread, batch 1, in a process of its own that times nothing else.

    Attributes:
        file: name of the file.
        format: "onnx" or "tflite".
        scheme: precision.
        length: tokens.
        engine: the runtime's name.
        engine_version: its version.
        calls: calls that the means are over.
        operators: each kind of operator, the longest first; None where the engine's Python package tells none, as
            LiteRT's. The profiler's own work is in them: their sum is more than an unprofiled call takes.
    """

    file: str
    format: str
    scheme: str
    length: int
    engine: str
    engine_version: str
    calls: int
    operators: tuple[OperatorTime, ...] | None


def save(found: list[OperatorTimes], folder: Path) -> None:
    """Write `operators.json` into ``folder``."""
    write_json(folder / FILE, {"schema": SCHEMA, "files": [asdict(one) for one in found]})


def load(folder: Path) -> list[OperatorTimes]:
    """Read what `save` wrote."""
    return [
        OperatorTimes(**{**one, "operators": one["operators"] and tuple(OperatorTime(**o) for o in one["operators"])})
        for one in read_json(folder / FILE)["files"]
    ]
