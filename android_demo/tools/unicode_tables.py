"""Write the app's Unicode tables, read off `tokenizers` itself: python -m android_demo.tools.unicode_tables.

The library mixes tables of several Unicode versions, and each phone has its own; with the library's own behaviour,
character by character, the app gives the same ids everywhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import tokenizers
from tokenizers import normalizers, pre_tokenizers

from edgebert.files import atomic

FILE = Path(__file__).parents[1] / "core/src/main/resources/org/edgebert/text/unicode.txt"
HANGUL = range(0xAC00, 0xAC00 + 11172)
CHARACTERS = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
BETWEEN = "|"
"""Keeps characters apart in one long text; nothing changes it, and it lets nothing pass."""
Rule = Callable[[str], str]


def main() -> None:
    """Write `unicode.txt`."""
    with atomic(FILE) as temporary:
        temporary.write_text(tables(), encoding="ascii")


def tables() -> str:
    """The text of `unicode.txt`: a line for each table, its name and then code points in hexadecimal."""
    cleaned, chinese = _changed(_bert(clean_text=True)), _changed(_bert(handle_chinese_chars=True))
    decomposed = _changed(normalizers.NFD().normalize_str)
    if odd := [point for point in HANGUL if decomposed.pop(point) != unicodedata.normalize("NFD", chr(point))]:
        raise AssertionError(f"Hangul syllables that the formula does not decompose: {odd[:5]}")
    stripped = _changed(_bert(strip_accents=True))
    punctuation, blank = _cut()
    lines = {
        "control": _ranges(point for point, text in cleaned.items() if not text),
        "space": _ranges(point for point, text in cleaned.items() if text),
        "blank": _ranges(blank),
        "punctuation": _ranges(punctuation),
        "chinese": _ranges(chinese),
        "mark": _ranges(point for point, text in stripped.items() if not text),
        "order": _order(),
        "lower": _mapped(_changed(_bert(lowercase=True))),
        "decomposed": _mapped(decomposed),
    }
    head = f"# Made by android_demo/tools/unicode_tables.py of tokenizers {tokenizers.__version__}; do not edit.\n"
    return head + "".join(f"{name} {' '.join(fields)}\n" for name, fields in lines.items())


def _bert(**rules: bool) -> Rule:
    """BERT's normaliser with these rules alone."""
    off = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
    rule: Rule = normalizers.BertNormalizer(**(off | rules)).normalize_str
    return rule


def _changed(rule: Rule) -> dict[int, str]:
    """What becomes of each character that ``rule`` changes."""
    before = [character for character in CHARACTERS if character != BETWEEN]
    after = rule(BETWEEN.join(before)).split(BETWEEN)
    return {ord(old): new for old, new in zip(before, after, strict=True) if new != old}


def _cut() -> tuple[list[int], list[int]]:
    """Characters that are a word of their own, and those that separate words."""
    text = "".join(f"a{character}a " for character in CHARACTERS)
    pieces = {start: end for _, (start, end) in pre_tokenizers.BertPreTokenizer().pre_tokenize_str(text)}
    places = {4 * index: ord(character) for index, character in enumerate(CHARACTERS)}
    alone = [point for place, point in places.items() if pieces.get(place + 1) == place + 2]
    blank = [point for place, point in places.items() if pieces[place] == place + 1 and place + 1 not in pieces]
    return alone, blank


def _order() -> list[str]:
    """Ranks of canonical combining classes, from 1: all that sorting needs."""
    nfd: Rule = normalizers.NFD().normalize_str
    # One mark of the lowest class and one of a high class: whatever has a class changes places with one of them.
    low, high = "\u0334", "\u0345"
    others = [character for character in CHARACTERS if character != BETWEEN]
    behind = nfd(BETWEEN.join(character + low for character in others)).split(BETWEEN)
    before = nfd(BETWEEN.join(high + character for character in others)).split(BETWEEN)
    marks = [c for c, x, y in zip(others, behind, before, strict=True) if x == low + c or y == c + high]
    classes: dict[int, str] = {}
    for mark in marks:
        classes.setdefault(unicodedata.combining(mark), mark)
    known = [mark for number, mark in sorted(classes.items()) if number]
    rank = {mark: 1 + sum(nfd(mark + other) == other + mark != mark + other for other in known) for mark in marks}
    found = {value: [ord(mark) for mark in marks if rank[mark] == value] for value in sorted(set(rank.values()))}
    return [f"{points}={value:x}" for value, members in found.items() for points in _ranges(members)]


def _ranges(points: Iterable[int]) -> list[str]:
    """Ascending code points, those in a row as `first-last`."""
    found: list[list[int]] = []
    for point in points:
        if found and point == found[-1][1] + 1:
            found[-1][1] = point
        else:
            found.append([point, point])
    return [f"{first:x}-{last:x}" if last > first else f"{first:x}" for first, last in found]


def _mapped(targets: Mapping[int, str]) -> list[str]:
    """`41-5a:61` for ranges that move together, `c0:41.300` for a character that becomes several."""
    found: list[list[int | str]] = []
    for point, text in targets.items():
        step = ord(text) - point if len(text) == 1 else ".".join(f"{ord(character):x}" for character in text)
        if found and isinstance(step, int) and found[-1][1:] == [point - 1, step]:
            found[-1][1] = point
        else:
            found.append([point, point, step])
    return [_field(*field) for field in found]


def _field(first: int | str, last: int | str, step: int | str) -> str:
    assert isinstance(first, int) and isinstance(last, int)
    target = f"{first + step:x}" if isinstance(step, int) else step
    return f"{first:x}:{target}" if first == last else f"{first:x}-{last:x}:{target}"


if __name__ == "__main__":
    main()
