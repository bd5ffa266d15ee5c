"""To 8-bit numbers and back; a constant is turned once, when the file is opened."""

from __future__ import annotations

from edgebert.profile.costs.work import Node, Work, elementwise

KINDS = ("QUANTIZE", "DEQUANTIZE", "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear")


def work(node: Node) -> tuple[Work, ...]:
    """A rounding, or a product, for each element."""
    first = node.inputs[0]
    if first is not None and first.constant:
        return ()
    return elementwise("quantise", node)
