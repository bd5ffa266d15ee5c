"""The augmentation of Tang et al. 2019, section 3.3: masked words, words of the same class, n-grams.

For each word X ~ U[0, 1]: X < p_mask hides it behind the mask token; X < p_mask + p_swap puts another word of its
class in its place; then with p_ngram only n neighbouring words are kept, n in 1..5. Any of the three is off at 0.
The paper's class is the part of speech, from a tagger. None is at hand for texts of any language: here a word's class
is the words used like it in the user's own texts (`edgebert.augment.lexical`), near to that but not the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from edgebert.augment import Choice
from edgebert.augment.words import Candidates, Words
from edgebert.recipes.options import DistillOptions

READS = ("augment_mask", "augment_swap", "augment_ngram")
COUNT = 50
LONGEST_NGRAM = 5


def candidates(options: DistillOptions) -> str:
    """Words used alike, as the nearest thing to a part of speech."""
    return "lexical"


def needs_mask(options: DistillOptions) -> bool:
    """Unless hiding is switched off."""
    return options.augment_mask > 0


def wants(word: str) -> bool:
    """Any word."""
    return True


def vary(text: Words, candidates: Sequence[Candidates], choice: Choice) -> str:
    """The text with words hidden and replaced, or a few neighbouring words of it."""
    options, random = choice.options, choice.random
    others: dict[int, str] = {}
    for place, words in enumerate(candidates):
        draw = random.random()
        if draw < options.augment_mask:
            others[place] = choice.mask
        elif draw < options.augment_mask + options.augment_swap and words:
            others[place] = random.choice(words)
    if text.words and choice.falls(options.augment_ngram):
        count = min(random.randint(1, LONGEST_NGRAM), len(text.words))
        return text.part(random.randint(0, len(text.words) - count), count, others)
    return text.replaced(others)
