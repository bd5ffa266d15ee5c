"""The nearest words in a table of word vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from edgebert.augment.words import Candidates

REMEMBERED = 100_000


class Nearest:
    """Words by cosine.

    Args:
        words: of the table, each once.
        vectors: float32 [words, dimensions].
        count: how many candidates a word gets, K.
        normal: a word as the table spells it.
    """

    def __init__(
        self, words: Sequence[str], vectors: np.ndarray, count: int, normal: Callable[[str], str] = str.lower
    ) -> None:
        self.words, self.count, self.normal = words, count, normal
        self.places = {word: place for place, word in enumerate(words)}
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self.vectors = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
        self._nearest = lru_cache(REMEMBERED)(self._search)

    def __call__(self, word: str) -> Candidates:
        """The K nearest others, nearest first, capitalised as the word is; none for a word not in the table."""
        found = self._nearest(self.normal(word))
        return tuple(other.title() for other in found) if word.istitle() else found

    def _search(self, word: str) -> tuple[str, ...]:
        place = self.places.get(word)
        if place is None:
            return ()
        cosines = self.vectors @ self.vectors[place]
        cosines[place] = -np.inf
        count = min(self.count, len(self.words) - 1)
        best = np.argpartition(-cosines, count - 1)[:count] if count > 0 else np.zeros(0, int)
        return tuple(self.words[i] for i in best[np.argsort(-cosines[best], kind="stable")])
