"""Softmax over the last axis: exp(x - max) / sum, three passes over every row."""

from __future__ import annotations

from edgebert.profile.costs.work import Node, Work, elementwise, shape, size

KINDS = ("SOFTMAX", "Softmax", "LOG_SOFTMAX", "LogSoftmax", "com.microsoft:BiasSoftmax")


def work(node: Node) -> tuple[Work, ...]:
    """One exponential for each element."""
    output = node.outputs[0]
    return elementwise("softmax", node, rows=size(output) // max(shape(output)[-1], 1))
