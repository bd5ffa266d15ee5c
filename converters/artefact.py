"""A file on disk, and what anyone must know to run it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from converters.deployment import Driver
from converters.graph_spec import Format, TensorSpec

LIST = "artefacts.json"


@dataclass(frozen=True, kw_only=True)
class Artefact:
    """A converted file.

    Attributes:
        path: file name, relative to the folder whose list this stands in.
        format: "onnx" or "tflite".
        scheme: precision, the name of the quantisation scheme; "fp32" for none.
        length: fixed token length; None where the file takes any.
        inputs: in the order of the module's arguments; bind them by name.
        output: logits or probabilities.
        driver: how this file and its siblings of the same scheme are used.
        signature: name of the TFLite signature; None for ONNX.
        sha256: hex digest of the bytes.
        bytes: size of the file.
        quantization: how its numbers are kept, in words ("weights", "activations", ...); empty for fp32.
    """

    path: str
    format: Format
    scheme: str
    length: int | None
    inputs: tuple[TensorSpec, ...]
    output: TensorSpec
    driver: Driver
    signature: str | None
    sha256: str
    bytes: int
    quantization: Mapping[str, str] = field(default_factory=dict, hash=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Artefact:
        """The inverse of `to_dict`, also after a journey through JSON."""
        inputs = tuple(TensorSpec.from_dict(value) for value in values["inputs"])
        return cls(**{**values, "inputs": inputs, "output": TensorSpec.from_dict(values["output"])})


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
