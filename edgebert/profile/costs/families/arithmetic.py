"""Additions and the like: an operation or two an element, so that reading and writing is what takes time."""

from __future__ import annotations

from edgebert.profile.costs.work import Node, Work, elementwise, size

KINDS = (
    "ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE", "SQUARE", "ABS", "NEG", "RELU", "RELU6",
    "CAST", "LESS", "EQUAL", "GREATER", "LOGICAL_AND", "SELECT", "SELECT_V2", "NOT_EQUAL",
    "Add", "Sub", "Mul", "Div", "Max", "Min", "Abs", "Neg", "Relu", "Cast", "Less", "Equal", "Greater",
    "GreaterOrEqual", "LessOrEqual", "Where", "And", "Or", "Not", "Clip", "Range", "ConstantOfShape",
)  # fmt: skip


def work(node: Node) -> tuple[Work, ...]:
    """An operation for each element of the output; a row or a column that is repeated costs more than a number."""
    sizes = {size(value) for value in node.inputs if value is not None} - {1}
    return elementwise("broadcast" if len(sizes) > 1 else "arithmetic", node)
