"""Activations with an exponential or an error function in them."""

from __future__ import annotations

from edgebert.profile.costs.work import Kind, Node, Work, elementwise

MICROSOFT = "com.microsoft:"
AS: dict[str, Kind] = {
    **dict.fromkeys(("GELU", "Gelu", "Erf", *(MICROSOFT + one for one in ("Gelu", "BiasGelu", "FastGelu"))), "gelu"),
    **dict.fromkeys(("TANH", "LOGISTIC", "Tanh", "Sigmoid", "EXP", "Exp", MICROSOFT + "QuickGelu"), "tanh"),
    **dict.fromkeys(("RSQRT", "SQRT", "Sqrt", "Reciprocal", "Pow"), "arithmetic"),
}
KINDS = tuple(AS)


def work(node: Node) -> tuple[Work, ...]:
    """One evaluation for each element."""
    return elementwise(AS[node.kind], node)
