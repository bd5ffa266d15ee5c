"""A file on disk, and what anyone must know to run it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from converters.deployment import Driver
from converters.graph_spec import Format, TensorSpec

LIST = "artefacts.json"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A function of a file.

    Attributes:
        signature: its name in a TFLite file; None for ONNX.
        length: fixed token length; None where it takes any.
        inputs: in the order of the module's arguments; bind them by name.
    """

    signature: str | None
    length: int | None
    inputs: tuple[TensorSpec, ...]

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Entry:
        """The inverse of `dataclasses.asdict`, also after a journey through JSON."""
        return cls(**{**values, "inputs": tuple(TensorSpec.from_dict(value) for value in values["inputs"])})


@dataclass(frozen=True, kw_only=True)
class Artefact:
    """A converted file.

    Attributes:
        path: file name, relative to the folder whose list this stands in.
        format: "onnx" or "tflite".
        scheme: precision, the name of the quantisation scheme; "fp32" for none.
        entries: its functions, which share the weights, the shortest first: one, but for a TFLite file with a
            signature for each length.
        output: logits or probabilities, the same of every function.
        driver: how this file and its siblings of the same scheme are used.
        sha256: hex digest of the bytes.
        bytes: size of the file.
        quantization: how its numbers are kept, in words ("weights", "activations", ...); empty for fp32.
        to_quantize: of an fp32 file, path of one of the same function in the arrangement that suits 8-bit weights, for
            quantisers; None where they read this one.
    """

    path: str
    format: Format
    scheme: str
    entries: tuple[Entry, ...]
    output: TensorSpec
    driver: Driver
    sha256: str
    bytes: int
    quantization: Mapping[str, str] = field(default_factory=dict, hash=False)
    to_quantize: str | None = None

    @property
    def length(self) -> int | None:
        """The longest fixed token length; None where the file takes any."""
        return self.entries[-1].length

    @property
    def lengths(self) -> tuple[int, ...]:
        """All fixed token lengths, ascending; empty where the file takes any."""
        return tuple(entry.length for entry in self.entries if entry.length is not None)

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """Inputs at the longest length."""
        return self.entries[-1].inputs

    @property
    def signature(self) -> str | None:
        """Signature of the longest length; None for ONNX."""
        return self.entries[-1].signature

    def each(self) -> tuple[Artefact, ...]:
        """The same file once for each of its functions, with nothing but that one."""
        return tuple(replace(self, entries=(entry,)) for entry in self.entries)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Artefact:
        """The inverse of `to_dict`, also after a journey through JSON."""
        entries = tuple(Entry.from_dict(value) for value in values["entries"])
        return cls(**{**values, "entries": entries, "output": TensorSpec.from_dict(values["output"])})


def save_list(artefacts: Sequence[Artefact], folder: Path) -> None:
    """Write `artefacts.json` into ``folder``, in place of an older one."""
    text = json.dumps([artefact.to_dict() for artefact in artefacts], indent=2)
    with whole(folder / LIST) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def load_list(folder: Path) -> list[Artefact]:
    """Read what `save_list` wrote."""
    return [Artefact.from_dict(values) for values in json.loads((folder / LIST).read_text(encoding="utf-8"))]


def digest(path: Path) -> str:
    """Hex sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path`` that takes its place when the block ends well: never half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Always the same name, so that what a killed run left is overwritten; the suffix stays, exporters look at it.
    temporary = path.with_name(f".{path.name}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
