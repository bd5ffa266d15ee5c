"""Operators and tensors of a file, the same for both formats: what the rules look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from converters.graph_spec import Format
from converters.lint.inspection import Function

SMALL = 64
"""Constants of at most so many numbers are read: axes, shapes, permutations."""


@dataclass(frozen=True)
class Value:
    """A tensor inside a graph.

    Attributes:
        dtype: by numpy's name, or the format's own where numpy has none.
        shape: None where the file does not say.
        constant: whether it is part of the file.
        numbers: of a small constant; None for all others.
        scales: how many a quantised tensor has, one or one a channel; 0 for any other.
        scale: where there is one.
        zero_point: where there is one scale.
        bytes: of a constant.
    """

    dtype: str
    shape: tuple[int | str, ...] | None
    constant: bool = False
    numbers: np.ndarray[Any, Any] | None = None
    scales: int = 0
    scale: float | None = None
    zero_point: int | None = None
    bytes: int = 0


@dataclass(frozen=True)
class Operator:
    """An operator.

    Attributes:
        kind: as the format calls it; "domain:name" outside ONNX's own, "custom:name" outside TFLite's.
        inputs: keys of its tensors in the graph; one left out is None.
        outputs: likewise.
        options: that the file states, by name.
    """

    kind: str
    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """One function of a file, its operators in the order in which they run."""

    function: Function
    values: Mapping[Any, Value]
    operators: tuple[Operator, ...]

    @cached_property
    def producers(self) -> dict[Any, Operator]:
        """The operator that each computed tensor comes from."""
        return {key: operator for operator in self.operators for key in operator.outputs}

    @cached_property
    def readers(self) -> dict[Any, list[Operator]]:
        """The operators that read each tensor."""
        found: dict[Any, list[Operator]] = {}
        for operator in self.operators:
            for key in dict.fromkeys(operator.inputs):
                found.setdefault(key, []).append(operator)
        return found

    def numbers(self, key: Any) -> list[int] | None:
        """The numbers of a small constant; None for any other tensor."""
        value = self.values.get(key)
        return None if value is None or value.numbers is None else [int(n) for n in value.numbers.flatten()]


@dataclass(frozen=True, kw_only=True)
class Contents:
    """A file as it was read.

    Attributes:
        format: of the file.
        graphs: one for each function.
        operators: count of each kind in all of the file, most frequent first.
        weights: bytes of constants by data type; what functions share counts once.
        metadata: see `Inspection`.
        built_in: kinds of operators, beyond the format's own, that every build of its runtime has.
        int64_tensors: 64-bit tensors; in ONNX only inputs and outputs count, shapes being int64 by definition.
        called: graphs that operators call by their place in a TFLite file: the two of a loop.
    """

    format: Format
    graphs: tuple[Graph, ...]
    operators: dict[str, int]
    weights: dict[str, int]
    metadata: tuple[str, ...]
    built_in: frozenset[str] = frozenset()
    int64_tensors: int
    called: Mapping[int, Graph] = field(default_factory=dict)


def counted(kinds: Any) -> dict[str, int]:
    """How often each occurs, most frequent first."""
    return dict(Counter(kinds).most_common())
