"""Which family knows an operator."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from edgebert import registry
from edgebert.profile.costs.work import Node, Work

ROOM = "profile/costs/families"


@cache
def families() -> dict[str, Callable[[Node], tuple[Work, ...]]]:
    """What counts the work of each kind of operator."""
    return {
        kind: file.work for name in registry.names(ROOM) for file in [registry.load(ROOM, name)] for kind in file.KINDS
    }


def work_of(node: Node) -> tuple[Work, ...] | None:
    """The work of an operator; None where its kind, or a shape that it needs, is not known."""
    count = families().get(node.kind)
    try:
        return count(node) if count else None
    except LookupError:
        return None
