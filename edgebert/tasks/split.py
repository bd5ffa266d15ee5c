"""Splits by the hash of a row's content: the same row always falls on the same side, on every machine."""

from __future__ import annotations

import hashlib
import heapq
import unicodedata
from dataclasses import dataclass, field

from edgebert.tasks.rows import Row


def content_key(text: str, pair: str | None) -> bytes:
    """16 bytes that are equal for rows whose text is the same but for case, spacing and Unicode form."""
    parts = [" ".join(unicodedata.normalize("NFKC", part).casefold().split()) for part in (text, pair or "")]
    return hashlib.sha256("\n".join(parts).encode("utf-8")).digest()[:16]


def rank(key: bytes, purpose: str) -> float:
    """A number in [0, 1) that follows from key and purpose alone, and is independent between purposes."""
    digest = hashlib.sha256(purpose.encode() + key).digest()
    return int.from_bytes(digest[:6], "big") / (1 << 48)


@dataclass
class Sample:
    """Keeps the ``size`` rows of lowest rank, each content once: the same ones whatever the order of the table."""

    size: int
    purpose: str
    _heap: list[tuple[float, bytes, Row]] = field(default_factory=list)
    _keys: set[bytes] = field(default_factory=set)

    def add(self, key: bytes, row: Row) -> None:
        """Offer a row."""
        if key in self._keys:
            return
        self._keys.add(key)
        heapq.heappush(self._heap, (-rank(key, self.purpose), key, row))
        if len(self._heap) > self.size:
            self._keys.discard(heapq.heappop(self._heap)[1])

    def rows(self) -> list[Row]:
        """The rows kept, lowest rank first."""
        return [row for _, _, row in sorted(self._heap, key=lambda entry: entry[:2], reverse=True)]
