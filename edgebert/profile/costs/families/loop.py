"""A loop itself does nothing: the operators of its steps are counted one by one, for every step."""

from __future__ import annotations

from edgebert.profile.costs.work import Node, Work

KINDS = ("WHILE",)


def work(node: Node) -> tuple[Work, ...]:
    """Nothing beside the operator itself."""
    return ()
