"""More rows to transfer knowledge on, made of the train rows; the teacher says what they mean.

One file a way in `ways`; its name is the file's, for `--augment`. Where a word's replacements come from is apart from
it: a masked language model, the nearest words of a table, or words used alike in the user's own texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol, cast

from edgebert import registry
from edgebert.augment.words import Candidates, Words
from edgebert.recipes.options import DistillOptions

ROOM = "augment/ways"


class Source(Protocol):
    """Gives words that may take another one's place."""

    @property
    def description(self) -> str:
        """What it is, in words."""

    def __call__(self, texts: Sequence[Words], wanted: Callable[[str], bool]) -> list[list[Candidates]]:
        """For each text, for each of its words, the candidates; none where the word is not wanted or not known."""


@dataclass(frozen=True)
class Choice:
    """What a varied text is chosen with.

    Attributes:
        options: copies and probabilities.
        random: of the row.
        mask: the tokenizer's mask token; empty for a way that asked for none.
    """

    options: DistillOptions
    random: Random
    mask: str

    def falls(self, probability: float) -> bool:
        """True with this probability."""
        return self.random.random() < probability


class Way(Protocol):
    """What a file of `ways` holds."""

    READS: Sequence[str]
    """Names of the options it depends on, beside the number of copies."""
    COUNT: int
    """Candidates of a word."""

    def candidates(self, options: DistillOptions) -> str:
        """Where its candidates come from: a value of `--candidates`."""

    def needs_mask(self, options: DistillOptions) -> bool:
        """Whether it puts the mask token into texts."""

    def wants(self, word: str) -> bool:
        """Whether a word may be replaced."""

    def vary(self, text: Words, candidates: Sequence[Candidates], choice: Choice) -> str:
        """The text varied once.

        Args:
            text: as it was.
            candidates: of each word.
            choice: chance and options.
        """


def way(name: str) -> Way:
    """The way called ``name``.

    Raises:
        UserError: if there is none.
    """
    known = ["none", *registry.names(ROOM)]
    if name not in known[1:]:
        raise registry.unknown("--augment", name, known)
    return cast("Way", registry.load(ROOM, name))


def settings(options: DistillOptions) -> Mapping[str, object]:
    """The options that the rows of ``options.augment`` depend on."""
    names = ("augment", "augment_copies", "seed", *way(options.augment).READS)
    return {name: getattr(options, name) for name in names}
