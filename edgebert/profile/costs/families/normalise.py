"""Normalisation in one operator, and the means and sums that it is made of where it is not."""

from __future__ import annotations

from edgebert.profile.costs.work import Kind, Node, Work, elementwise, shape, size

MICROSOFT = "com.microsoft:"
AS: dict[str, Kind] = {
    **dict.fromkeys(
        ("LayerNormalization", "SimplifiedLayerNormalization", MICROSOFT + "SkipLayerNormalization",
         MICROSOFT + "SkipSimplifiedLayerNormalization"), "norm",
    ),
    **dict.fromkeys(
        ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin"), "reduce"
    ),
}  # fmt: skip
KINDS = tuple(AS)


def work(node: Node) -> tuple[Work, ...]:
    """Every element of the input is read; over all axes but the last, as if those were the last."""
    x = node.inputs[0]
    return elementwise(AS[node.kind], node, size(x), rows=size(x) // max(shape(x)[-1] if shape(x) else 1, 1))
