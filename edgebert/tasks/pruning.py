"""A WordPiece vocabulary (Wu et al. 2016, section 4.1) without the pieces that a task does not need.

WordPiece takes the longest piece that fits, again and again. With all pieces that some texts use still there and none
added, it splits those texts as before; other texts fall into shorter pieces where they used one that is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgebert.errors import UserError
from edgebert.files import read_json, write_json


def required(tokenizer_json: Path, most: int) -> set[int]:
    """Ids of the pieces that any text may need: special tokens, and what words fall into when nothing longer is there.

    Raises:
        UserError: if the tokenizer is no WordPiece, or ``most`` fewer than these.
    """
    stored = read_json(tokenizer_json)
    model = stored["model"]
    if model["type"] != "WordPiece":
        raise UserError(f"--vocabulary prunes WordPiece tokenizers, and this is a {model['type']}.", "Leave it out.")
    vocabulary: dict[str, int] = model["vocab"]
    found = {token["id"] for token in stored["added_tokens"]} | {vocabulary[model["unk_token"]]}
    found |= {i for piece, i in vocabulary.items() if _irreplaceable(piece, vocabulary, _prefix(model))}
    if most < len(found):
        raise UserError(
            f"--vocabulary {most} is too few: special tokens and single characters, without which words would become "
            f"{model['unk_token']}, are {len(found)} of the {len(vocabulary)} pieces.",
            f"Say {len(found)} or more.",
        )
    return found


def needed(tokenizer_json: Path, counts: npt.NDArray[np.int64], most: int) -> list[int]:
    """The pieces to keep, by id, ascending: the `required` ones, and the most frequent of the others.

    Args:
        tokenizer_json: the whole tokenizer.
        counts: how often the task's texts use each id [ids].
        most: pieces to keep at most; those that no text uses are dropped even where there is room.

    Raises:
        UserError: see `required`.
    """
    always = required(tokenizer_json, most)
    others = [i for i in np.argsort(-counts, kind="stable").tolist() if counts[i] and i not in always]
    return sorted(always.union(others[: most - len(always)]))


def write_pruned(tokenizer_json: Path, kept: Sequence[int], path: Path) -> None:
    """Write the tokenizer with the pieces ``kept`` alone; their new ids are their places in ``kept``."""
    stored, new = read_json(tokenizer_json), {old: i for i, old in enumerate(kept)}
    vocabulary = stored["model"]["vocab"]
    stored["model"]["vocab"] = {piece: new[i] for piece, i in vocabulary.items() if i in new}
    for token in stored["added_tokens"]:
        token["id"] = new[token["id"]]
    if stored.get("padding"):
        stored["padding"]["pad_id"] = new[stored["padding"]["pad_id"]]
    _renumber(stored["post_processor"] or {}, new)
    write_json(path, stored)


def _renumber(processor: dict[str, Any], new: Mapping[int, int]) -> None:
    """Put new ids of special tokens into a processor that adds them: a template, or BERT's own."""
    for token in processor.get("special_tokens", {}).values():
        token["ids"] = [new[i] for i in token["ids"]]
    for side in ("sep", "cls"):
        if side in processor:
            processor[side][1] = new[processor[side][1]]
    for one in processor.get("processors", ()):
        _renumber(one, new)


def _prefix(model: Mapping[str, Any]) -> str:
    return str(model["continuing_subword_prefix"])


def _irreplaceable(piece: str, vocabulary: Mapping[str, int], prefix: str) -> bool:
    """Whether a piece is a single character, or one of its characters is not there singly."""
    inside = piece.startswith(prefix) and piece != prefix
    characters = list(piece.removeprefix(prefix) if inside else piece)
    single = [prefix + character for character in characters]
    if not inside:
        single[0] = characters[0]
    return len(single) == 1 or not all(character in vocabulary for character in single)
