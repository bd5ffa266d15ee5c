"""A text as its words and what stands between them: a word is replaced, all else stays as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

WORD = re.compile(r"([^\W\d_]+(?:['\u2019][^\W\d_]+)*)")
"""A run of letters, an apostrophe inside allowed."""

STOP_WORDS = frozenset(
    """
    a about above after again against ain all am an and any are aren as at be because been before being below between
    both but by can couldn d did didn do does doesn doing don down during each few for from further had hadn has hasn
    have haven having he her here hers herself him himself his how i if in into is isn it its itself just ll m ma me
    mightn more most mustn my myself needn no nor not now o of off on once only or other our ours ourselves out over
    own re s same shan she should shouldn so some such t than that the their theirs them themselves then there these
    they this those through to too under until up ve very was wasn we were weren what when where which while who whom
    why will with won wouldn y you your yours yourself yourselves
    """.split()  # noqa: SIM905
)
"""English function words, which are never varied where meaning is to be kept; those of other languages are."""

Candidates = Sequence[str]
"""Words that may take another one's place; none: it stays."""


@dataclass(frozen=True)
class Words:
    """A text, split.

    Attributes:
        pieces: in turn what stands before a word, and the word; at last what stands behind.
    """

    pieces: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Words:
        """Split a text; joined, the pieces are the text again."""
        return cls(tuple(WORD.split(text)))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words, in order."""
        return self.pieces[1::2]

    def replaced(self, by: Mapping[int, str]) -> str:
        """The text with other words in some places, counted in words."""
        pieces = list(self.pieces)
        for place, word in by.items():
            pieces[2 * place + 1] = word
        return "".join(pieces)

    def part(self, first: int, count: int, by: Mapping[int, str]) -> str:
        """The stretch of ``count`` words from ``first`` on, with other words in some places."""
        inside = Words(("", *self.pieces[2 * first + 1 : 2 * (first + count)], ""))
        return inside.replaced({place - first: word for place, word in by.items() if 0 <= place - first < count})


def bears_meaning(word: str) -> bool:
    """Whether a word is of letters alone and no stop word."""
    return word.isalpha() and word.lower() not in STOP_WORDS
