"""Which of several files are worth a look: those that no other one beats in both score and cost."""

from __future__ import annotations

from collections.abc import Sequence


def front(points: Sequence[tuple[float, float]]) -> list[int]:
    """The Pareto front.

    Args:
        points: cost (milliseconds, bytes: less is better) and score (more is better) of each.

    Returns:
        Places of the points for which no other one has at most their cost and at least their score, one of the two
        strictly; cheapest first. Of equal points all are kept.
    """
    order = sorted(range(len(points)), key=lambda i: (points[i][0], -points[i][1]))
    kept: list[int] = []
    for i in order:
        if not kept or points[i][1] > points[kept[-1]][1] or points[i] == points[kept[-1]]:
            kept.append(i)
    return kept
