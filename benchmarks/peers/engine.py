"""What a file of `engines` holds. It is imported in environments that have NumPy and its own libraries alone."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, cast

import numpy as np

CALIBRATION_ROWS = 300
"""In a job's `calibration`."""
Feeds = Mapping[str, np.ndarray]
"""int32 [1, length] for each of a graph's inputs, by name."""
Precision = Literal["fp32", "int8"]
PRECISIONS: tuple[Precision, ...] = ("fp32", "int8")
ENGINES = Path(__file__).parent / "engines"
OWN = "edgebert"
"""The engine that all others are held against."""
JOB = "job.json"
"""What an engine made its files of, beside them."""
LIMIT = "limit"
"""Not an engine, but served like one: what the machine can reach."""


class NotApplicable(Exception):
    """An engine has no way for this kind of model; the message says why."""


@dataclass(frozen=True)
class Variant:
    """One setting of an engine.

    Attributes:
        precision: of the matrix products.
        setting: everything that was chosen, in a line.
        source: address of the page that documents it.
    """

    precision: Precision
    setting: str
    source: str


@dataclass(frozen=True)
class Job:
    """What an engine makes its files of.

    Attributes:
        checkpoint: folder of a Hugging Face sequence classifier.
        onnx: what torch's own exporter makes of the same module: int64 inputs, free batch and length, opset 17.
        inputs: names of the inputs, in order.
        lengths: for formats of fixed length, ascending; the last is full length.
        calibration: folder of a `TokenFile`, for engines that calibrate.
        classes: whether transformers has a class of this architecture.
        threads: counts of threads that the files will be served with, for engines that compile for one.
    """

    checkpoint: Path
    onnx: Path
    inputs: tuple[str, ...]
    lengths: tuple[int, ...]
    calibration: Path
    classes: bool
    threads: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        paths = {name: str(getattr(self, name).resolve()) for name in ("checkpoint", "onnx", "calibration")}
        return {**asdict(self), **paths}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Job:
        """The inverse of `to_dict`, also after a journey through JSON."""
        paths = {name: Path(values[name]) for name in ("checkpoint", "onnx", "calibration")}
        lists = {name: tuple(values[name]) for name in ("inputs", "lengths", "threads")}
        return cls(**{**values, **paths, **lists})


@dataclass(frozen=True)
class Session:
    """A model that is open.

    Attributes:
        lengths: what it takes, ascending; empty for any length.
        prepare: feeds to what ``run`` wants; not timed.
        run: gives float32 [1, labels].
    """

    lengths: tuple[int, ...]
    prepare: Callable[[Feeds], Any]
    run: Callable[[Any], np.ndarray]


class Engine(Protocol):
    """A file of `engines`."""

    ENVIRONMENT: str | None
    """Name of the environment that its files are made in, a file of `pins`; None for the one that edgebert runs in."""
    SERVED_IN: str | None
    """Name of the environment that they are run in."""
    VARIANTS: Mapping[str, Variant]
    """By name."""

    def build(self, variant: str, job: Job, folder: Path) -> None:
        """Make the files of a variant in ``folder``, which all variants of the engine share.

        Raises:
            NotApplicable: for a model that it does not take.
        """

    def open(self, variant: str, folder: Path, threads: int) -> Session:
        """Open what `build` made."""


def names() -> list[str]:
    """All engines, by file name: `onnx_runtime.py` is `onnx-runtime`."""
    return sorted(path.stem.replace("_", "-") for path in ENGINES.glob("*.py") if path.stem != "__init__")


def load(name: str) -> Engine:
    """The engine of that name, or the limit."""
    room = "benchmarks.peers" if name == LIMIT else "benchmarks.peers.engines"
    return cast(Engine, importlib.import_module(f"{room}.{name.replace('-', '_')}"))
