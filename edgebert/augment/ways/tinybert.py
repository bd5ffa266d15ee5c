"""TinyBERT's augmentation (Jiao et al. 2020, algorithm 1): each word that bears meaning, with p = 0.4, by a candidate.

Candidates are the K = 15 likeliest words of a masked language model, or the nearest words of a table for a word of
several word-pieces. Three departures from the authors' code: each text of a pair is varied (theirs pairs all variants
of the second with the last variant of the first), candidates bear meaning too, a word is not its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from edgebert.augment import Choice
from edgebert.augment.words import Candidates, Words, bears_meaning
from edgebert.recipes.options import DistillOptions

READS = ("candidates", "augment_replace")
COUNT = 15


def candidates(options: DistillOptions) -> str:
    """As the user says."""
    return options.candidates


def needs_mask(options: DistillOptions) -> bool:
    """Its texts are of plain words."""
    return False


def wants(word: str) -> bool:
    """All but stop words, numbers and the like."""
    return bears_meaning(word)


def vary(text: Words, candidates: Sequence[Candidates], choice: Choice) -> str:
    """The text with some words replaced."""
    share, random = choice.options.augment_replace, choice.random
    return text.replaced({
        place: random.choice(words) for place, words in enumerate(candidates) if words and choice.falls(share)
    })  # fmt: skip
