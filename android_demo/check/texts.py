"""Texts that a tokenizer may stumble over, the same ones for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

Row = tuple[str, str | None, int]
"""A text, a second one or None, and how many tokens they may have."""

LENGTHS = (8, 32, 128, 512)
RANGES = {
    "ascii": ((0x20, 0x7E),),
    "accents": ((0xC0, 0x24F), (0x1E00, 0x1EFF)),
    "combining": ((0x300, 0x36F), (0x483, 0x489), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20F0), (0xFE20, 0xFE2F)),
    "chinese": ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF), (0x2A6E0, 0x323AF)),
    "japanese and korean": ((0x3000, 0x30FF), (0x1100, 0x11FF), (0xAC00, 0xD7A3)),
    "emoji": ((0x1F1E6, 0x1F1FF), (0x1F300, 0x1F6FF), (0x1F900, 0x1FAFF), (0x2600, 0x27BF), (0x1F3FB, 0x1F3FF), (0xFE0F, 0xFE0F)),
    "right to left": ((0x590, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB1D, 0xFDFF), (0x1E900, 0x1E95F)),
    "Indic and Thai": ((0x900, 0xDFF), (0xE00, 0xEFF), (0x11000, 0x1147F)),
    "control and zero width": ((0x0, 0x1F), (0x7F, 0x9F), (0x200B, 0x200F), (0x2028, 0x202F), (0x2060, 0x206F), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFD)),
    "spaces and punctuation": ((0x2000, 0x206F), (0x3000, 0x3003), (0x1680, 0x1680), (0xA0, 0xBF), (0x2E00, 0x2E5F)),
    "everything": ((0x0, 0xD7FF), (0xE000, 0x10FFFF)),
    "all planes' letters": ((0x370, 0x52F), (0x10400, 0x104FF), (0x1D100, 0x1D7FF), (0x1E000, 0x1E02F), (0x16A40, 0x16AFF)),
}  # fmt: skip
PIECES = ("[CLS]", "[SEP]", "[MASK]", "[UNK]", "[PAD]", "[cls]", "İ", "ẞ", "ﬁ", "Σς", "#", "##ing", "e\u0301\u0323", "\u00ad")


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
    ranges = RANGES[chance.choice(list(RANGES))]
    return "".join(chr(chance.randint(*chance.choice(ranges))) for _ in range(count))


def _spoilt(chance: random.Random, sentence: str) -> str:
    """A sentence with strange characters here and there, sometimes in upper case."""
    letters = list(sentence.upper() if chance.random() < 0.3 else sentence)
    for _ in range(chance.randint(1, 5)):
        letters.insert(chance.randint(0, len(letters)), _characters(chance, chance.randint(1, 2)))
    return "".join(letters)
