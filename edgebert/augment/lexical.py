"""Word vectors of the user's own texts: words that stand beside the same words are alike in use.

The counts of left and of right neighbours of a word are its vector, as in distributional part-of-speech induction
(Schütze 1995): positive pointwise mutual information, PPMI(w, c) = max(0, log p(w, c) / (p(w) p(c))), on its main axes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np

from edgebert.augment.nearest import Nearest
from edgebert.augment.words import Words

WORDS = 20_000
"""The most frequent words get a vector, those that occur at least so many times:"""
OCCURRENCES = 3
CONTEXTS = 500
"""The most frequent words, and a text's begin or end, are what is counted beside a word."""
AXES = 100


def lexical(texts: Callable[[], Iterable[str]], count: int) -> Nearest:
    """The words of the texts that are used alike.

    Args:
        texts: gives all texts, each time it is called.
        count: candidates of a word.
    """
    frequency = Counter(word for text in texts() for word in _words(text))
    known = sorted((word for word, n in frequency.items() if n >= OCCURRENCES), key=lambda w: (-frequency[w], w))
    places = {word: place for place, word in enumerate(known[:WORDS])}
    counts = _count(texts(), places, min(CONTEXTS, len(places)))
    return Nearest(list(places), _main_axes(_ppmi(counts)), count)


def _words(text: str) -> list[str]:
    return [word.lower() for word in Words.of(text).words]


def _count(texts: Iterable[str], places: dict[str, int], contexts: int) -> np.ndarray:
    """How often each context stands left and right of each word [words, 2 (contexts + 1)], float32."""
    counts = np.zeros((len(places), 2 * (contexts + 1)), np.float32)
    for text in texts:
        ids = np.array([contexts, *(places.get(word, -1) for word in _words(text)), contexts])
        near = np.where(ids > contexts, -1, ids)  # of all words in between, the frequent ones alone are contexts
        inside, left, right = ids[1:-1], near[:-2], near[2:]
        for side, beside in enumerate((left, right)):
            seen = (inside >= 0) & (beside >= 0)
            np.add.at(counts, (inside[seen], beside[seen] + side * (contexts + 1)), 1)
    return counts


def _ppmi(counts: np.ndarray) -> np.ndarray:
    expected = counts.sum(1, keepdims=True) * counts.sum(0) / max(counts.sum(), 1)
    # A count of 0 stays 0, as every negative logarithm does.
    found: np.ndarray = np.log(np.maximum(counts, 1e-12) / np.maximum(expected, 1e-12)).clip(min=0)
    return found


def _main_axes(vectors: np.ndarray) -> np.ndarray:
    """The vectors' coordinates along the axes on which they differ most."""
    _, axes = np.linalg.eigh(vectors.T @ vectors)
    found: np.ndarray = vectors @ axes[:, ::-1][:, :AXES]
    return found
