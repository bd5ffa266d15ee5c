"""Texts that a tokenizer may stumble over, the same ones for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

Row = tuple[str, str | None, int]
"""A text, a second one or None, and how many tokens they may have."""

LENGTHS = (8, 32, 128, 512)
RANGES = {
    "ascii": "20-7e",
    "accents": "c0-24f 1e00-1eff",
    "combining": "300-36f 483-489 1ab0-1aff 1dc0-1dff 20d0-20f0 fe20-fe2f",
    "letters of all planes": "370-52f 10400-104ff 1d100-1d7ff 1e000-1e02f 16a40-16aff",
    "Chinese": "3400-4dbf 4e00-9fff f900-faff 20000-2a6df 2a6e0-323af",
    "Japanese and Korean": "3000-30ff 1100-11ff ac00-d7a3",
    "emoji": "1f1e6-1f1ff 1f300-1f6ff 1f900-1faff 2600-27bf 1f3fb-1f3ff fe0f-fe0f",
    "right to left": "590-6ff 750-77f 8a0-8ff fb1d-fdff 1e900-1e95f",
    "Indic and Thai": "900-dff e00-eff 11000-1147f",
    "control and zero width": "0-1f 7f-9f 200b-200f 2028-202f 2060-206f feff-feff fff9-fffd",
    "spaces and punctuation": "2000-206f 3000-3003 1680-1680 a0-bf 2e00-2e5f",
    "everything": "0-d7ff e000-10ffff",
}
"""What characters are drawn from: code points in hexadecimal."""
SPANS = [
    [(int(first, 16), int(last, 16)) for first, last in (field.split("-") for field in fields.split())]
    for fields in RANGES.values()
]
PIECES = (
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "[UNK]",
    "[PAD]",
    "[cls]",
    "İ",
    "ẞ",
    "ﬁ",
    "Σς",
    "#",
    "##ing",
    "e\u0301\u0323",
    "\u00ad",
)


def rows(count: int, seed: int, sentences: Sequence[str]) -> Iterator[Row]:
    """``count`` rows: first every sentence as it is, then fuzzed ones.

    Args:
        count: how many, at most as many as there are sentences and any number of fuzzed ones.
        seed: for the same rows again.
        sentences: real ones; fuzzed texts are partly made of them.
    """
    chance = random.Random(seed)
    for place in range(count):
        if place < len(sentences):
            yield sentences[place], None, 128
        else:
            pair = _text(chance, sentences) if chance.random() < 0.3 else None
            yield _text(chance, sentences), pair, chance.choice(LENGTHS)


def _text(chance: random.Random, sentences: Sequence[str]) -> str:
    kind = chance.random()
    if kind < 0.02:
        return ""
    if kind < 0.05:
        return _characters(chance, chance.randint(90, 400))
    if kind < 0.25 and sentences:
        return _spoilt(chance, chance.choice(sentences))
    return "".join(_word(chance) for _ in range(chance.randint(1, 16)))


def _word(chance: random.Random) -> str:
    word = chance.choice(PIECES) if chance.random() < 0.1 else _characters(chance, chance.randint(1, 8))
    return word + (" " if chance.random() < 0.5 else "")


def _characters(chance: random.Random, count: int) -> str:
    spans = chance.choice(SPANS)
    return "".join(chr(chance.randint(*chance.choice(spans))) for _ in range(count))


def _spoilt(chance: random.Random, sentence: str) -> str:
    """A sentence with strange characters here and there, sometimes in upper case."""
    letters = list(sentence.upper() if chance.random() < 0.3 else sentence)
    for _ in range(chance.randint(1, 5)):
        letters.insert(chance.randint(0, len(letters)), _characters(chance, chance.randint(1, 2)))
    return "".join(letters)
