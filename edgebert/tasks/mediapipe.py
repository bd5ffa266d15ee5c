"""How MediaPipe's Text Classifier splits a text, which is not quite how BERT's own tokenizer does.

It lower-cases A to Z and nothing else, keeps accents, splits at ASCII spaces, punctuation and Chinese characters, and
knows no special tokens in a text. Its rules: mediapipe/calculators/tensor/bert_preprocessor_calculator.cc and
mediapipe/tasks/cc/text/tokenizers/bert_tokenizer.h of https://github.com/google-ai-edge/mediapipe.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tokenizers.models import WordPiece

from edgebert.errors import UserError
from edgebert.files import read_json, write_json
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Rows
from edgebert.tasks.task import Task
from edgebert.tasks.vocabulary import CONTINUES, wordpieces

FILE = "mediapipe.json"
FIRST, LAST, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
LONGEST_WORD = 100
"""Bytes; a longer word is unknown."""
CHINESE = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip
NEWER = frozenset({
    0x1B4E, 0x1B4F, 0x1B7F, 0x10D6E, 0x10ED0, 0x113D4, 0x113D5, 0x113D7, 0x113D8, *range(0x11B00, 0x11B0A), 0x11BE1,
    *range(0x11F43, 0x11F50), 0x16D6D, 0x16D6E, 0x16D6F, 0x1E5FF,
})  # fmt: skip
"""Punctuation that MediaPipe 1.2.2 knows and Python 3.11, with an older Unicode, does not."""
SPACES = "\t\n\f\r"
BATCH_ROWS = 1024
EXAMPLES = 5


@dataclass(frozen=True)
class Splits:
    """How many dev texts MediaPipe reads as other tokens than the model was trained on.

    Attributes:
        rows: dev texts.
        length: tokens that both were cut at.
        different: texts that came out with other ids.
        examples: the first few of them.
    """

    rows: int
    length: int
    different: int
    examples: tuple[str, ...]

    @classmethod
    def count(cls, rows: Rows, tokenizer_json: Path, length: int) -> Splits:
        """Tokenise ``rows`` both ways."""
        ours, theirs = TextEncoder(tokenizer_json, length), MediaPipeTokenizer(read_json(tokenizer_json), length)
        different = 0
        examples: list[str] = []
        for batch in rows.batches(BATCH_ROWS):
            for row, tokens in zip(batch, ours.encode(batch), strict=True):
                if theirs.ids(row.text) != tokens.input_ids:
                    different += 1
                    examples += [row.text] if len(examples) < EXAMPLES else []
        return cls(len(rows), length, different, tuple(examples))

    def save(self, folder: Path) -> None:
        """Write `mediapipe.json`."""
        write_json(folder / FILE, asdict(self))

    @classmethod
    def load(cls, folder: Path) -> Splits | None:
        """What `save` left in ``folder``; None where files for MediaPipe were not asked for."""
        if not (folder / FILE).is_file():
            return None
        values = read_json(folder / FILE)
        return cls(**{**values, "examples": tuple(values["examples"])})


class MediaPipeTokenizer:
    """MediaPipe's tokenizer over the vocabulary of a model.

    Args:
        tokenizer: content of the model's `tokenizer.json`, a WordPiece.
        max_length: tokens at most, those at both ends included.
    """

    def __init__(self, tokenizer: Mapping[str, Any], max_length: int) -> None:
        vocabulary = {token: place for place, token in enumerate(wordpieces(tokenizer) or ())}
        self._model = WordPiece(vocabulary, unk_token=UNKNOWN, max_input_chars_per_word=LONGEST_WORD)
        self._ends = vocabulary[FIRST], vocabulary[LAST]
        self._unknown, self._max_length = vocabulary[UNKNOWN], max_length
        self._spaced = _Spaced()
        self._pieces = lru_cache(1 << 16)(self._split)

    def ids(self, text: str) -> tuple[int, ...]:
        """Token ids of a text, cut."""
        words = text.translate(self._spaced).split(" ")
        found = [piece for word in words if word for piece in self._pieces(word)]
        return self._ends[0], *found[: self._max_length - 2], self._ends[1]

    def _split(self, word: str) -> tuple[int, ...]:
        if len(word.encode()) > LONGEST_WORD:
            return (self._unknown,)
        return tuple(token.id for token in self._model.tokenize(word))


class _Spaced(dict[int, str]):
    """For `str.translate`: what stands in a text for each character, found when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        chinese = any(first <= code <= last for first, last in CHINESE)
        mark = code in NEWER or character in string.punctuation or unicodedata.category(character)[0] == "P"
        if chinese or mark:
            found = f" {character} "
        else:
            found = " " if character in SPACES else character.lower() if character.isascii() else character
        self[code] = found
        return found


def check(task: Task) -> None:
    """Refuse a task, or a model, that MediaPipe cannot read texts for.

    Raises:
        UserError: with the reason.
    """
    reasons = [reason for reason in (*_task_reasons(task), *_tokenizer_reasons(task.folder)) if reason]
    if reasons:
        raise UserError(f"--target mediapipe: {' '.join(reasons)}", "Leave --target out, or name litert.")


def _task_reasons(task: Task) -> Sequence[str]:
    pairs = "its Text Classifier reads one text, and the rows of this task are pairs." if task.has_pair else ""
    number = "its Text Classifier gives labels, and this task is a number." if task.kind == "number" else ""
    return pairs, number


def _tokenizer_reasons(folder: Path) -> Sequence[str]:
    tokenizer = read_json(folder / "tokenizer.json")
    model, rules, splitter = tokenizer["model"], tokenizer["normalizer"] or {}, tokenizer["pre_tokenizer"] or {}
    words = wordpieces(tokenizer)
    if words is None or model["continuing_subword_prefix"] != CONTINUES:
        return (f"it reads WordPiece vocabularies; this model's tokenizer is a {model['type']} that has none.",)
    if missing := [token for token in (FIRST, LAST, UNKNOWN) if token not in words]:
        return (f"it wants the tokens {', '.join(missing)} in the vocabulary.",)
    if (rules.get("type"), splitter.get("type")) != ("BertNormalizer", "BertPreTokenizer"):
        return ("this model's tokenizer has rules of its own, and MediaPipe has those of BERT alone.",)
    cased = "" if rules["lowercase"] else "it lower-cases every text, and this model tells upper from lower case."
    # Those that strip accents do so with rare words; of these, all accented words would come out wrong.
    accents = (
        "this model tells é from e, and MediaPipe would not know É as é." if rules["strip_accents"] is False else ""
    )
    return cased, accents
