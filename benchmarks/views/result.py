"""What a benchmark wrote down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Result = Mapping[str, Any]
"""The values of a result file, or a part of them."""


def held(parts: Sequence[Result], name: str) -> str:
    """When each part of a result was made that has conditions of its own; ``name`` is the key of what it is of."""
    found = [
        f"{part[name]}: {of['date']}, revision {of['revision'] or 'unknown'}, load average "
        f"{of['load_average']['start']:.1f} before and {of['load_average']['end']:.1f} after"
        for part in parts
        if (of := part["conditions"])
    ]
    return "; ".join(dict.fromkeys(found))


def busy(parts: Sequence[Result]) -> list[str]:
    """A note of who else used the cores; none where nobody looked."""
    shares = [share for part in parts if (share := part["others_busy"]) is not None]
    return [f"Other processes used up to {100 * max(shares):.0f} % of the cores meanwhile."] if shares else []
