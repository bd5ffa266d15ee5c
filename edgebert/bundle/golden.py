"""Texts with the token ids and logits that they must give: what an app checks itself against."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgebert.errors import UserError
from edgebert.files import read_json
from edgebert.tasks import kinds
from edgebert.tasks.encoder import TextEncoder, Tokens
from edgebert.tasks.kinds import Kind
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.task import Task

SCHEMA = 1
DEV_TEXTS = 16
LONGEST = 20_000
TOO_LONG = 2**64 - 1
"""Stands for the hash of a text that is too long for an app to carry along."""
EDGE_CASES = Path(__file__).with_name("edge_cases.json")
LONG_WORD = "antidisestablishmentarianism" * 10
LONG_TEXT = "It goes on and on, and then it goes on some more. " * 200
SECOND = "This is the second text."


def golden_texts(task: Task) -> list[Row]:
    """The texts of `golden.json`: 16 dev rows and the edge cases.

    The dev rows are those whose hashes are lowest, classes, first labels or fifths of the numbers in turn: the same for
    the same rows, in whatever order. Texts of more than `LONGEST` characters are not among them.
    """
    return [*_dev_rows(task.rows("dev"), kinds.get(task.kind)), *_edge_cases(task.has_pair).values()]


def golden(task: Task, tokenizer_json: Path, logits: Mapping[int, npt.NDArray[np.float32]]) -> dict[str, Any]:
    """What `golden.json` holds.

    Args:
        task: its dev rows are the texts, with the edge cases.
        tokenizer_json: the checkpoint's tokenizer.
        logits: for each token length, the student's logits for `golden_texts` cut there, float32 [texts, classes].

    Returns:
        `schema`, `labels`, and for each text: `name`, `text`, `pair`, `label` (null for edge cases;
        a list of names for several labels; a number for a number), `tokens` before
        cutting, and `cuts`: for each length what the tokenizer must give (without padding) and the logits that follow.

    Raises:
        UserError: if there are no logits, or they are not those of these texts.
    """
    rows = golden_texts(task)
    edge_names = list(_edge_cases(task.has_pair))
    names = [f"dev {i + 1}" for i in range(len(rows) - len(edge_names))] + edge_names
    _check(logits, (len(rows), len(task.labels)))
    kind = kinds.get(task.kind)
    encoders = {length: TextEncoder(tokenizer_json, length) for length in sorted(logits)}
    cut = {length: encoder.encode(rows) for length, encoder in encoders.items()}
    whole = next(iter(encoders.values())).lengths(rows)
    texts = [
        {
            "name": name,
            "text": row.text,
            "pair": row.pair,
            "label": kind.gold(row.targets, task.labels) if row.targets else None,
            "tokens": int(whole[i]),
            "cuts": [_cut(length, cut[length][i], logits[length][i]) for length in encoders],
        }
        for i, (name, row) in enumerate(zip(names, rows, strict=True))
    ]
    return {"schema": SCHEMA, "labels": list(task.labels), "texts": texts}


def _cut(length: int, tokens: Tokens, logits: npt.NDArray[np.float32]) -> dict[str, Any]:
    return {
        "length": length,
        "input_ids": list(tokens.input_ids),
        "attention_mask": [1] * len(tokens),
        "token_type_ids": list(tokens.token_type_ids),
        "logits": [round(float(value), 6) for value in logits],
    }


def _check(logits: Mapping[int, npt.NDArray[np.float32]], shape: tuple[int, int]) -> None:
    if not logits:
        raise UserError("There are no reference logits for golden.json.", "Run: edgebert convert")
    for length, values in logits.items():
        if values.shape != shape:
            raise UserError(
                f"The golden logits at {length} tokens have the shape {values.shape}, and the texts need {shape}.",
                "Run: edgebert convert",
            )


def _dev_rows(rows: Rows, kind: Kind) -> list[Row]:
    keys = np.fromiter(map(_key, rows), np.uint64, len(rows))
    order, groups = np.argsort(keys, kind="stable"), kind.groups(rows.targets)
    order = order[keys[order] < TOO_LONG]
    ranked = [
        (rank, int(group), int(index))
        for group in np.unique(groups)
        for rank, index in enumerate(order[groups[order] == group][:DEV_TEXTS])
    ]
    return [rows[index] for _, _, index in sorted(ranked)[:DEV_TEXTS]]


def _key(row: Row) -> int:
    if len(row.text) + len(row.pair or "") > LONGEST:
        return TOO_LONG
    text = f"{row.text}\0{row.pair or ''}".encode(errors="surrogatepass")
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big")


def _edge_cases(has_pair: bool) -> dict[str, Row]:
    texts: dict[str, str] = read_json(EDGE_CASES) | {"very long word": LONG_WORD, "very long text": LONG_TEXT}
    if not has_pair:
        return {name: Row(text) for name, text in texts.items()}
    pairs = {name: Row(text, SECOND) for name, text in texts.items()}
    return pairs | {
        "empty second text": Row("This is the first text.", ""),
        "very long second text": Row("This is the first text.", LONG_TEXT),
        "both texts very long": Row(LONG_TEXT, LONG_TEXT),
        "both texts very long, the first twice the second": Row(LONG_TEXT * 2, LONG_TEXT),
    }
