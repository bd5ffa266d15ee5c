"""Texts to token ids with the `tokenizers` library alone: the same ids in training and in every check."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from edgebert.errors import UserError

if TYPE_CHECKING:
    from edgebert.tasks.rows import Row

PIECE = 4096
"""Characters that are tokenised at once, at least, of a text that is longer."""
WORD_END = re.compile(r"\S(?=\s)")
PAD_TOKENS = ("[PAD]", "<pad>")


@dataclass(frozen=True)
class Tokens:
    """Token ids of one row, special tokens included, without padding.

    Attributes:
        input_ids: ids in the vocabulary.
        token_type_ids: 0 for the first text, 1 for the second, of the same length (all 0 for families without).
    """

    input_ids: tuple[int, ...]
    token_type_ids: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.input_ids)


class TextEncoder:
    """A checkpoint's own tokenizer.

    Args:
        tokenizer_json: the `tokenizer.json` of a checkpoint.
        max_length: where rows are cut, in tokens, special tokens included; of a pair the longer text is cut first.

    Raises:
        UserError: when the file cannot be read or names no padding token.
    """

    def __init__(self, tokenizer_json: Path, max_length: int) -> None:
        self.path, self.max_length = tokenizer_json, max_length
        self._whole, padding = _load(tokenizer_json)
        self._frames = {pair: _Frame.of(self._whole, pair) for pair in (False, True)}
        ids = (self._whole.token_to_id(token) for token in (padding, *PAD_TOKENS) if token)
        found = next((i for i in ids if i is not None), None)
        if found is None:
            raise UserError(f"{tokenizer_json} has no padding token: none of {', '.join(PAD_TOKENS)}.")
        self.pad_id: int = found

    def encode(self, rows: Sequence[Row]) -> list[Tokens]:
        """Token ids of each row, cut at `max_length`."""
        # Of a single text nothing beyond the cut matters; of a pair, which text is the longer.
        firsts = self._bare([row.text for row in rows], [row.pair is not None for row in rows])
        pairs = [row.pair for row in rows if row.pair is not None]
        seconds = iter(self._bare(pairs, [True] * len(pairs)))
        found = []
        for row, first in zip(rows, firsts, strict=True):
            frame = self._frames[row.pair is not None]
            second = _Bare() if row.pair is None else next(seconds)
            keep = longest_first(first.count, second.count, self.max_length - frame.size)
            found.append(frame.fill(first.ids[: keep[0]], second.ids[: keep[1]]))
        return found

    def _bare(self, texts: Sequence[str], counted: Sequence[bool]) -> list[_Bare]:
        """Ids of texts without special tokens, piece by piece.

        Not cut by the library: it tokenises a text to its end, at 500 bytes a token, whatever is kept of it; and of a
        pair it keeps each piece that it cuts off one text with each of the other's.

        Args:
            texts: of any length.
            counted: for each whether all its tokens are to be counted.
        """
        found = [_Bare() for _ in texts]
        ends, waiting = [0] * len(texts), list(range(len(texts)))
        while waiting:
            starts = [ends[place] for place in waiting]
            for place in waiting:
                ends[place] = piece_end(texts[place], ends[place])
            pieces = [texts[place][start : ends[place]] for place, start in zip(waiting, starts, strict=True)]
            encodings = self._whole.encode_batch_fast(pieces, add_special_tokens=False)
            for place, encoding in zip(waiting, encodings, strict=True):
                bare, ids = found[place], encoding.ids
                bare.ids += ids[: self.max_length - len(bare.ids)]
                bare.count += len(ids)
            unread = (place for place in waiting if ends[place] < len(texts[place]))
            waiting = [place for place in unread if counted[place] or len(found[place].ids) < self.max_length]
        return found

    def lengths(self, rows: Sequence[Row]) -> npt.NDArray[np.int32]:
        """Number of tokens of each row [rows], special tokens included, before cutting."""
        counts = np.array([self._frames[row.pair is not None].size for row in rows], dtype=np.int32)
        counts += [bare.count for bare in self._bare([row.text for row in rows], [True] * len(rows))]
        pairs = [(place, row.pair) for place, row in enumerate(rows) if row.pair is not None]
        seconds = self._bare([text for _, text in pairs], [True] * len(pairs))
        for (place, _), bare in zip(pairs, seconds, strict=True):
            counts[place] += bare.count
        return counts


@dataclass
class _Bare:
    """The ids of a text as far as they are kept, and how many it has."""

    ids: list[int] = field(default_factory=list)
    count: int = 0


def piece_end(text: str, start: int) -> int:
    """Where the piece of ``text`` that begins at ``start`` ends: before a space, so that no word is cut.

    A word of several thousand characters is cut all the same.
    """
    if len(text) - start <= 2 * PIECE:
        return len(text)
    space = WORD_END.search(text, start + PIECE, start + 2 * PIECE)
    return space.end() if space else start + 2 * PIECE


def longest_first(first: int, second: int, room: int) -> tuple[int, int]:
    """How many tokens of each text of a pair stay, as the `tokenizers` library cuts with the strategy of that name.

    Args:
        first: tokens of the first text.
        second: tokens of the second, 0 for a single text.
        room: tokens that both may have together.
    """
    if first + second <= room:
        return first, second
    shorter = min(first, second)
    longer = max(shorter, room - shorter)
    if shorter + longer > room:
        shorter, longer = room // 2, room - room // 2
    return (longer, shorter) if first > second else (shorter, longer)


@dataclass(frozen=True)
class _Frame:
    """The special tokens around a text or a pair: what stands before, between and behind the texts."""

    parts: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    """For each stretch of special tokens its ids and its token types."""
    types: tuple[int, ...]
    """Token type of each text."""

    @classmethod
    def of(cls, tokenizer: Tokenizer, pair: bool) -> _Frame:
        """Read off an example what the tokenizer puts around texts."""
        example = tokenizer.encode("a", "a") if pair else tokenizer.encode("a")
        parts: list[tuple[list[int], list[int]]] = [([], [])]
        types = []
        before = None
        for token, kind, sequence in zip(example.ids, example.type_ids, example.sequence_ids, strict=True):
            if sequence is None:
                parts[-1][0].append(token)
                parts[-1][1].append(kind)
            elif sequence != before:
                types.append(kind)
                parts.append(([], []))
            before = sequence if sequence is not None else before
        return cls(tuple((tuple(ids), tuple(kinds)) for ids, kinds in parts), tuple(types))

    @property
    def size(self) -> int:
        """How many special tokens there are."""
        return sum(len(ids) for ids, _ in self.parts)

    def fill(self, *texts: list[int]) -> Tokens:
        """The texts' ids with the special tokens around them."""
        ids, kinds = list(self.parts[0][0]), list(self.parts[0][1])
        for text, kind, (after, after_kinds) in zip(texts, self.types, self.parts[1:], strict=False):
            ids += [*text, *after]
            kinds += [kind] * len(text) + list(after_kinds)
        return Tokens(tuple(ids), tuple(kinds))


def pad(tokens: Sequence[Tokens], length: int | None, pad_id: int) -> dict[str, npt.NDArray[np.int32]]:
    """Put rows of tokens into arrays.

    Args:
        tokens: n rows.
        length: columns L of the arrays; None: as many as the longest row has.
        pad_id: id that fills `input_ids` behind a row's end.

    Returns:
        `input_ids`, `attention_mask` (1 on tokens, 0 on padding) and `token_type_ids`, each int32 [n, L].

    Raises:
        ValueError: when a row is longer than ``length``.
    """
    longest = max(map(len, tokens), default=0)
    if length is not None and longest > length:
        raise ValueError(f"a row of {longest} tokens does not fit into {length}: cut it first")
    shape = (len(tokens), longest if length is None else length)
    input_ids = np.full(shape, pad_id, dtype=np.int32)
    attention_mask = np.zeros(shape, dtype=np.int32)
    token_type_ids = np.zeros(shape, dtype=np.int32)
    for index, row in enumerate(tokens):
        input_ids[index, : len(row)] = row.input_ids
        attention_mask[index, : len(row)] = 1
        token_type_ids[index, : len(row)] = row.token_type_ids
    return {"input_ids": input_ids, "attention_mask": attention_mask, "token_type_ids": token_type_ids}


def _load(path: Path) -> tuple[Tokenizer, str | None]:
    """A tokenizer and its padding token; the padding and cutting that its file asks for are switched off."""
    try:
        tokenizer = Tokenizer.from_str(path.read_text(encoding="utf-8"))
    except Exception as error:  # the library raises nothing narrower
        raise UserError(
            f"{path} is not a readable tokenizer file: {error}", "It should be the tokenizer.json of the checkpoint."
        ) from error
    padding = tokenizer.padding["pad_token"] if tokenizer.padding else None
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer, padding
