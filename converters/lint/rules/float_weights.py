"""Float weights left in a file whose others are 8-bit or less."""

from __future__ import annotations

from typing import Any

from converters.lint.graph import Contents, Graph, counted
from converters.lint.inspection import Finding

SMALL = frozenset({"int8", "uint8", "int4", "uint4", "int2"})
FLOATS = frozenset({"float32", "float16"})
LARGE = 16_384
"""Tensors of fewer bytes are not worth a word: biases, normalisations, a classifier of few classes."""


def find(contents: Contents) -> Finding | None:
    """See the module; what is worth less than a hundredth of the weights is not counted."""
    if not SMALL.intersection(contents.weights):
        return None
    # Functions share their weights: one of them tells.
    found, graph = max(((_large(graph), graph) for graph in contents.graphs), key=lambda pair: sum(pair[0].values()))
    together = sum(found.values())
    if 100 * together < sum(contents.weights.values()):
        return None
    kinds = counted(reader.kind for key in found for reader in graph.readers.get(key, ()))
    return Finding(
        rule="float_weights",
        what=f"{len(found)} float tensors, {together:,} bytes, among quantised weights, read by {', '.join(kinds)}.",
        fix="Quantise them too, unless the score needs them in float.",
        count=len(found),
        operators=tuple(kinds),
    )


def _large(graph: Graph) -> dict[Any, int]:
    """Bytes of the large float matrices of a graph."""
    return {
        key: value.bytes
        for key, value in graph.values.items()
        if value.constant and value.dtype in FLOATS and len(value.shape or ()) > 1 and value.bytes >= LARGE
    }
