"""What a tokenizer's vocabulary holds: whole words, special tokens, and the one that stands for a hidden word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from edgebert.errors import UserError

MASK_TOKENS = ("[MASK]", "<mask>")
CONTINUES = "##"
"""WordPiece: a token with this goes on with a word."""
BEGINS = ("Ġ", "▁")
"""Byte-level BPE and SentencePiece: a token with one of these begins a word."""


def wordpieces(tokenizer: Mapping[str, Any]) -> list[str] | None:
    """The tokens of a WordPiece in id order; None for other tokenizers, or where ids leave gaps.

    Args:
        tokenizer: content of a `tokenizer.json`.
    """
    if tokenizer["model"]["type"] != "WordPiece":
        return None
    ids = dict(tokenizer["model"]["vocab"]) | {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
    ordered = sorted(ids, key=ids.__getitem__)
    return ordered if [ids[token] for token in ordered] == list(range(len(ordered))) else None


@dataclass(frozen=True)
class Vocabulary:
    """A vocabulary as words.

    Attributes:
        path: the `tokenizer.json` it is of.
        size: number of ids.
        words: id of each token that is a whole word of letters, by the word as the model sees it.
        special_ids: ids of `[CLS]`, padding and the like.
        mask: the token that stands for a hidden word, and its id; None where there is none.
    """

    path: Path
    size: int
    words: dict[str, int]
    special_ids: tuple[int, ...]
    mask: tuple[str, int] | None
    _tokenizer: Tokenizer

    @classmethod
    def read(cls, tokenizer_json: Path) -> Vocabulary:
        """The vocabulary of a checkpoint's tokenizer."""
        tokenizer = Tokenizer.from_file(str(tokenizer_json))
        added = tokenizer.get_added_tokens_decoder()
        ids = {token: i for token, i in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])}
        found = ((token, tokenizer.token_to_id(token)) for token in MASK_TOKENS)
        return cls(
            path=tokenizer_json,
            size=tokenizer.get_vocab_size(),
            words=_whole_words(tokenizer, {token: i for token, i in ids.items() if i not in added}),
            special_ids=tuple(i for i, token in added.items() if token.special),
            mask=next(((token, i) for token, i in found if i is not None), None),
            _tokenizer=tokenizer,
        )

    def id_of(self, word: str) -> int | None:
        """Id of a word that is one token; None where it is several, or unknown."""
        return self.words.get(self.normal(word))

    def normal(self, word: str) -> str:
        """The word as the model sees it: lower case and without accents where its tokenizer does so."""
        normalizer = self._tokenizer.normalizer
        return word if normalizer is None else normalizer.normalize_str(word).strip(" ▁")

    def required_mask(self, needed_by: str) -> tuple[str, int]:
        """The mask token and its id.

        Raises:
            UserError: where there is none, naming what needs it.
        """
        if self.mask is None:
            raise UserError(
                f"{needed_by} hides words behind a mask token, and this checkpoint's tokenizer has none of "
                f"{', '.join(MASK_TOKENS)}.",
                "Choose another way, or a checkpoint whose tokenizer has one.",
            )
        return self.mask


def _whole_words(tokenizer: Tokenizer, ids: dict[str, int]) -> dict[str, int]:
    """Words by their text; of several tokens with the same text the first in the vocabulary."""
    begin: Sequence[str] = [sign for sign in BEGINS if any(token.startswith(sign) for token in ids)]
    found: dict[str, int] = {}
    for token, i in ids.items():
        if begin:
            word = tokenizer.decode([i]).strip() if token[0] in begin else ""
        else:
            word = "" if token.startswith(CONTINUES) else token
        if word.isalpha():
            found.setdefault(word, i)
    return found
