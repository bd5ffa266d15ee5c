"""What `inspect` finds in a file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from converters.graph_spec import Format


@dataclass(frozen=True)
class Tensor:
    """A tensor as the file declares it; a free size stands as its name, or as -1 where it has none."""

    name: str
    dtype: str
    shape: tuple[int | str, ...]


@dataclass(frozen=True)
class Function:
    """What can be called in a file: a signature of a TFLite file; where there is none, the graph itself."""

    signature: str | None
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    """Under the names that a caller binds them by."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something in a file that costs time or bytes, or keeps it from running.

    Attributes:
        rule: file of `converters.lint.rules` that found it.
        what: a sentence.
        fix: what to do, a sentence.
        count: how many of them.
        operators: kinds of operators concerned, most frequent first.
        refused: whether a plain runtime cannot run the file, or an accelerator cannot; else it is only slower or
            larger than it need be.
    """

    rule: str
    what: str
    fix: str
    count: int
    operators: tuple[str, ...] = ()
    refused: bool = False


@dataclass(frozen=True)
class Delegation:
    """How one function of a TFLite file is divided between XNNPACK and the built-in kernels.

    Attributes:
        operators: all of the function.
        partitions: runs of operators that XNNPACK takes as one; each beyond the first costs a crossing.
        outside: count of each kind of operator that it does not take, most frequent first.
    """

    operators: int
    partitions: int
    outside: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What `inspect` found.

    Attributes:
        path: the file.
        format: "onnx" or "tflite".
        bytes: size of the file.
        sha256: hex digest of the bytes.
        functions: all that can be called, in the order of the file.
        operators: count of each, most frequent first.
        weights: bytes of constants by data type.
        metadata: names of the metadata buffers (TFLite), or properties as "key=value" (ONNX).
        delegation: to XNNPACK, of each function (TFLite).
        findings: what keeps this file from running, or makes it slow or large.
    """

    path: str
    format: Format
    bytes: int
    sha256: str
    functions: tuple[Function, ...]
    operators: dict[str, int]
    weights: dict[str, int]
    metadata: tuple[str, ...]
    delegation: tuple[Delegation, ...]
    findings: tuple[Finding, ...]

    @property
    def signature(self) -> str | None:
        """Signature of the last function; None where there is none."""
        return self.functions[-1].signature

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """Inputs of the last function."""
        return self.functions[-1].inputs

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """Outputs of the last function."""
        return self.functions[-1].outputs

    @property
    def problems(self) -> list[str]:
        """What keeps this file from a plain runtime or from accelerators, one sentence each."""
        return [finding.what for finding in self.findings if finding.refused]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)
