"""A TFLite graph that XNNPACK gets in pieces: between two of them every tensor is handed over."""

from __future__ import annotations

from converters.lint import xnnpack
from converters.lint.graph import Contents
from converters.lint.inspection import Finding


def find(contents: Contents) -> Finding | None:
    """See the module; one piece a function, or none where nothing is for XNNPACK, is nothing to report."""
    if contents.format != "tflite":
        return None
    found = [xnnpack.delegation(graph) for graph in contents.graphs]
    pieces = sum(delegation.partitions for delegation in found if delegation.partitions > 1)
    if not pieces:
        return None
    outside = xnnpack.outside(delegation for delegation in found if delegation.partitions > 1)
    kinds = ", ".join(f"{kind} x {count}" for kind, count in outside.items())
    return Finding(
        rule="delegate_crossings",
        what=f"XNNPACK gets the graph in {pieces} pieces, with operators between them that it does not take: {kinds}.",
        fix="Leave these operators, or those that make their inputs, in float32, or write them in others.",
        count=pieces,
        operators=tuple(outside),
    )
