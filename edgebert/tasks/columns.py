"""Which columns of a table hold the text, the second text and the label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from edgebert.errors import UserError
from edgebert.recipes.options import Source
from edgebert.tasks.readers.table import Table

PAIRS = (
    ("sentence1", "sentence2"),
    ("sentence_1", "sentence_2"),
    ("sentence_a", "sentence_b"),
    ("premise", "hypothesis"),
    ("question1", "question2"),
    ("question", "sentence"),
    ("question", "passage"),
    ("question", "answer"),
    ("query", "passage"),
    ("query", "document"),
    ("#1 string", "#2 string"),
    ("text1", "text2"),
    ("text_1", "text_2"),
    ("text_a", "text_b"),
)
TEXTS = (
    "text", "sentence", "review", "content", "comment", "tweet", "message", "utterance", "question", "query", "body",
    "document", "description", "headline", "title", "input", "sms", "verse",
)  # fmt: skip
LABELS = (
    "label", "labels", "class", "category", "target", "sentiment", "intent", "topic", "emotion", "gold_label",
    "is_duplicate", "quality", "stars", "rating", "score", "scores", "similarity", "similarity_score",
    "relatedness_score", "y",
)  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """Names of columns in one table."""

    text: str
    pair: str | None
    label: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """Those that are there, in the order text, pair, label."""
        return tuple(name for name in (self.text, self.pair, self.label) if name is not None)


def find_columns(table: Table, source: Source) -> Columns:
    """Columns of a labelled table: as named, else by usual names (case ignored), pairs before single texts.

    Raises:
        UserError: when a named column is not there, or no usual name is; the columns there are get listed.
    """
    label = _named(table, source.label_column, "--label-column") or _usual(table, LABELS)
    if label is None:
        raise _not_found(table, "label", "--label-column", LABELS)
    text, pair = _find_texts(table, source, taken=label)
    return Columns(text, pair, label)


def find_texts(table: Table, source: Source, has_pair: bool) -> Columns:
    """Columns of an unlabelled table. It may be named otherwise than the labelled one; a lone column is the text.

    Raises:
        UserError: when there is no text, or no pair where the task has pairs.
    """
    if len(table.columns) == 1 and not has_pair:
        return Columns(table.columns[0], None, None)
    there = Source(
        text_column=source.text_column if source.text_column in table.columns else None,
        pair_column=source.pair_column if source.pair_column in table.columns else None,
    )
    text, pair = _find_texts(table, there, taken=None)
    if has_pair and pair is None:
        raise _not_found(table, "second text", "--pair-column", [second for _, second in PAIRS])
    return Columns(text, pair if has_pair else None, None)


def _find_texts(table: Table, source: Source, taken: str | None) -> tuple[str, str | None]:
    text = _named(table, source.text_column, "--text-column")
    pair = _named(table, source.pair_column, "--pair-column")
    if text is None and pair is None:
        for first, second in PAIRS:
            both = _usual(table, [first]), _usual(table, [second])
            if both[0] and both[1] and taken not in both:
                return both[0], both[1]
    text = text or _usual(table, (*TEXTS, *(first for first, _ in PAIRS)), without=(taken, pair))
    if text is None:
        raise _not_found(table, "text", "--text-column", TEXTS)
    roles = [name for name in (text, pair, taken) if name is not None]
    if len(set(roles)) < len(roles):
        raise UserError(
            f"{table.name}: one column was given two roles (text, second text, label: {', '.join(roles)}).",
            "--text-column, --pair-column and --label-column must name different columns.",
        )
    return text, pair


def _named(table: Table, name: str | None, option: str) -> str | None:
    if name is None or name in table.columns:
        return name
    near = get_close_matches(name, table.columns, n=1, cutoff=0.5)
    hint = f"Did you mean '{near[0]}'? " if near else ""
    raise UserError(
        f"{option} {name}: {table.name} has no such column.", f"{hint}Its columns are: {', '.join(table.columns)}."
    )


def _usual(table: Table, names: Sequence[str], without: Sequence[str | None] = ()) -> str | None:
    there = {column.casefold(): column for column in reversed(table.columns) if column not in without}
    return next((there[name] for name in names if name in there), None)


def _not_found(table: Table, what: str, option: str, usual: Sequence[str]) -> UserError:
    return UserError(
        f"{table.name}: no column has a usual name for the {what} ({', '.join(usual)}).",
        f"Name it with {option}. Its columns are: {', '.join(table.columns)}. (In CSV and TSV the first line must name "
        "the columns.)",
    )
