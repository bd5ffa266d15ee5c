"""Rows picked from a table: of this, only what is picked is read."""

from __future__ import annotations

from edgebert.profile.costs.work import Kind, Node, Work, dtype, size, volume

KINDS = ("EMBEDDING_LOOKUP", "GATHER", "GATHER_ND", "Gather", "GatherElements", "GatherND")


def work(node: Node) -> tuple[Work, ...]:
    """Every element of the output is read and written, some after turning 8-bit numbers into floats."""
    output = node.outputs[0]
    is_scaled = "int8" in {dtype(value) for value in node.inputs if value} and dtype(output) != "int8"
    kind: Kind = "gather-int8" if is_scaled else "gather"
    return (Work(kind=kind, dtype=dtype(output), elements=size(output), bytes=2 * volume(output)),)
