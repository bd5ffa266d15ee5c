"""Rows picked from a table: of this, only what is picked is read."""

from __future__ import annotations

from edgebert.profile.costs.work import Node, Work, dtype, size, volume

KINDS = ("EMBEDDING_LOOKUP", "GATHER", "GATHER_ND", "Gather", "GatherElements", "GatherND")


def work(node: Node) -> tuple[Work, ...]:
    """Every element of the output is read and written."""
    output = node.outputs[0]
    return (Work(kind="gather", dtype=dtype(output), elements=size(output), bytes=2 * volume(output)),)
