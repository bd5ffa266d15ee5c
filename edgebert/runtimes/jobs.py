"""Jobs for engines and their results: plain data that survives a journey through JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from converters.artefact import Artefact


@dataclass(frozen=True)
class ModelFile:
    """A converted file and the folder it lies in."""

    folder: Path
    artefact: Artefact

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self.folder / self.artefact.path

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"folder": str(self.folder.resolve()), "artefact": self.artefact.to_dict()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ModelFile:
        """The inverse of `to_dict`."""
        return cls(Path(values["folder"]), Artefact.from_dict(values["artefact"]))


@dataclass(frozen=True)
class RunJob:
    """Run every row through a file, one row a call, as an app does.

    Int8 files that scale a whole tensor at once answer otherwise for a batch than for a row: so rows are never batched.

    Attributes:
        file: what to run, its artefact with one entry.
        rows: folder of a `TokenFile`.
        out: .npy to write, float32 [rows, labels].
        threads: cores to use.
        pad_to: pad every row to so many tokens; None for the file's own length, or no padding where it takes any.
    """

    file: ModelFile
    rows: Path
    out: Path
    threads: int
    pad_to: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "file": self.file.to_dict(),
            "rows": str(self.rows.resolve()),
            "out": str(self.out.resolve()),
            "threads": self.threads,
            "pad_to": self.pad_to,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RunJob:
        """The inverse of `to_dict`."""
        file = ModelFile.from_dict(values["file"])
        return cls(file, Path(values["rows"]), Path(values["out"]), values["threads"], values["pad_to"])


@dataclass(frozen=True)
class TimeJob:
    """Time single rows: each goes to the shortest file, and entry, that it fits in, unpadded if that takes any length.

    Attributes:
        files: all are opened in one process.
        rows: folder of a `TokenFile`, called in order, again and again.
        threads: threads of the engine.
        warmup: calls of each file before the clock starts, at least, beside its first one.
        calls: timed calls, at least.
        seconds: timed seconds, at least.
    """

    files: tuple[ModelFile, ...]
    rows: Path
    threads: int
    warmup: int
    calls: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        files = [file.to_dict() for file in self.files]
        return {**asdict(self), "files": files, "rows": str(self.rows.resolve())}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TimeJob:
        """The inverse of `to_dict`."""
        files = tuple(ModelFile.from_dict(value) for value in values["files"])
        return cls(**{**values, "files": files, "rows": Path(values["rows"])})


@dataclass(frozen=True)
class OperatorTime:
    """What the operators of one kind take in a call.

    Attributes:
        name: the engine's name of the kind, after its own fusions.
        count: operators of this kind that a call runs.
        ms: all of them together in a call, the mean of the calls.
    """

    name: str
    count: int
    ms: float


@dataclass(frozen=True)
class Timed:
    """What one process measured.

    Attributes:
        engine_version: of the engine that ran.
        open_ms: opening all files; they lie in the page cache.
        first_call_ms: the first call, summed over the files.
        ms: each timed call, in order: arrays in, arrays out.
        peak_memory_mb: growth of the peak resident memory since before the files were opened, MiB; None if unknown.
        load_average: over the last minute, before the first call.
        others_busy: share of all cores used by other processes while the clock ran; None if unknown.
        warmup: calls before the clock started, beside the first ones.
    """

    engine_version: str
    open_ms: float
    first_call_ms: float
    ms: tuple[float, ...]
    peak_memory_mb: float | None
    load_average: float
    others_busy: float | None
    warmup: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Timed:
        """The inverse of `to_dict`."""
        return cls(**{**values, "ms": tuple(values["ms"])})
