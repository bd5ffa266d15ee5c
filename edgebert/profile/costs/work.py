"""What an operator does, as far as its time depends on it; the same for both formats."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from converters.lint.graph import Value
from device_profiles.device import Dtype

Kind = Literal[
    "matmul", "arithmetic", "broadcast", "copy", "transpose", "softmax", "gelu", "tanh", "norm", "reduce", "gather",
    "gather-int8", "quantise", "view",
]  # fmt: skip
BITS = {"float32": 32, "float16": 16, "int8": 8, "uint8": 8, "bool": 8, "int4": 4, "uint4": 4, "int64": 64}


@dataclass(frozen=True)
class Node:
    """An operator with its tensors.

    Attributes:
        kind: as the format calls it.
        inputs: None for one left out.
        outputs: likewise.
        options: that the file states.
        is_outside: whether the engine leaves its fast path for it (LiteRT: not XNNPACK's).
        times: how often a call runs it: a step of a loop, as often as the row has tokens.
    """

    kind: str
    inputs: tuple[Value | None, ...]
    outputs: tuple[Value | None, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    is_outside: bool = False
    times: int = 1

    @property
    def bytes(self) -> int:
        """Of those tensors whose shapes are known."""
        return volume(*(value for value in (*self.inputs, *self.outputs) if value and _is_known(value)))


@dataclass(frozen=True, kw_only=True)
class Work:
    """A piece of work.

    Attributes:
        kind: what is done to every element.
        dtype: of the factors of a product, and of the elements.
        batch: products of one shape, side by side.
        m: rows of a product.
        k: its inner size.
        n: its columns.
        elements: that are written, or read by a reduction.
        rows: that a softmax, a normalisation or a reduction goes through one by one.
        quantised: activations that a product itself turns into 8-bit numbers.
        packed: numbers of a second factor that is computed, and has to be put in order first.
        constants: bytes of constants that are read.
        bytes: read and written, constants included.
        times: how often the operator does it.
    """

    kind: Kind
    dtype: Dtype = "fp32"
    batch: int = 1
    m: int = 0
    k: int = 0
    n: int = 0
    elements: int = 0
    rows: int = 0
    quantised: int = 0
    packed: int = 0
    constants: int = 0
    bytes: int = 0
    times: int = 1

    @property
    def macs(self) -> int:
        """Multiply-adds of a product, once."""
        return self.batch * self.m * self.k * self.n

    @property
    def shape(self) -> str:
        """In words."""
        sizes = f"{self.batch} x {self.m} x {self.k} x {self.n}" if self.kind == "matmul" else f"{self.elements:,}"
        return f"{self.dtype} {sizes}"


def size(value: Value | None) -> int:
    """Numbers in a tensor.

    Raises:
        LookupError: if its shape is not known.
    """
    return math.prod(shape(value))


def shape(value: Value | None) -> tuple[int, ...]:
    """The shape of a tensor, in numbers.

    Raises:
        LookupError: if it is not known.
    """
    if value is None or not _is_known(value):
        raise LookupError("a shape is not known")
    return tuple(int(n) for n in value.shape or ())


def _is_known(value: Value) -> bool:
    return value.shape is not None and all(isinstance(n, int) and n >= 0 for n in value.shape)


def volume(*values: Value | None) -> int:
    """Bytes of tensors."""
    return sum(size(value) * BITS.get(value.dtype, 32) // 8 for value in values if value is not None)


def constants(*values: Value | None) -> int:
    """Bytes of those tensors that are part of the file."""
    return volume(*(value for value in values if value is not None and value.constant))


def dtype(value: Value | None) -> Dtype:
    """How a tensor is computed with."""
    kind = value.dtype if value is not None else "float32"
    return "int8" if kind in ("int8", "uint8") else "fp16" if kind == "float16" else "fp32"


def elementwise(kind: Kind, node: Node, elements: int | None = None, rows: int = 0) -> tuple[Work, ...]:
    """Work on every element of the first output, or on so many ``elements``."""
    known = [value for value in (*node.inputs, *node.outputs) if value is not None]
    count, of = size(node.outputs[0]) if elements is None else elements, dtype(node.outputs[0])
    return (Work(kind=kind, dtype=of, elements=count, rows=rows, bytes=volume(*known), constants=constants(*known)),)
