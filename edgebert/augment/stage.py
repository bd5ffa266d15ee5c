"""The augmenting stage: train rows in, new rows without labels out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from random import Random

import numpy as np

from edgebert import console
from edgebert.augment import Choice, Source, Way, distinct, way
from edgebert.augment.result import ROWS, Augmented
from edgebert.augment.sources import source
from edgebert.augment.words import Candidates, Words
from edgebert.files import atomic
from edgebert.recipes.options import DistillOptions
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.task import SPLITS, Task
from edgebert.tasks.vocabulary import Vocabulary

CHUNK = 256
"""Train rows varied at once; a killed stage loses at most so many."""


def augment(task: Task, teacher: Path, masked_lm: Path | None, options: DistillOptions, work: Path) -> Augmented:
    """Write new rows into ``work``; a killed call goes on in it, and ends with the same rows.

    Args:
        task: its train rows are varied; no row is made that one of its splits holds.
        teacher: folder of the teacher.
        masked_lm: folder of the masked language model, where one is to give the candidates.
        options: way, copies, probabilities, seed.
        work: the stage's folder.
    """
    chosen = way(options.augment)
    vocabulary = Vocabulary.read(task.folder / "tokenizer.json")
    mask = vocabulary.required_mask(f"--augment {options.augment}")[0] if chosen.needs_mask(options) else ""
    candidates = source(chosen, options, task, teacher, masked_lm, vocabulary)
    parts = _Parts(work / "scratch" / "parts")
    rows = task.rows("train")
    with console.bar(f"augmenting, {options.augment_copies} passes", len(rows)) as shown:
        for number, chunk in enumerate(rows.batches(CHUNK)):
            if not parts.has(number):
                parts.write(number, _vary(chunk, number * CHUNK, chosen, candidates, options, mask))
            shown.advance(len(chunk))
    fresh = distinct.new(parts.keys(), (distinct.keys(task.rows(split)) for split in SPLITS if task.sizes.get(split)))
    kept = Rows.write(work / ROWS, compress(parts.rows(), fresh))
    found = Augmented(
        way=options.augment, candidates=candidates.description, copies=options.augment_copies, train=len(rows),
        varied=len(fresh), rows=len(kept),
    )  # fmt: skip
    found.save(work)
    console.say(f"  {found}")
    return found


def _vary(
    chunk: Sequence[Row], first: int, chosen: Way, source: Source, options: DistillOptions, mask: str
) -> list[Row]:
    """All copies of some rows, ``first`` the number of the first: what a row becomes depends on nothing else."""
    texts = [Words.of(text) for row in chunk for text in (row.text, row.pair) if text is not None]
    both = iter(zip(texts, source(texts, chosen.wants), strict=True))
    found: list[Row] = []
    for number, row in enumerate(chunk, first):
        choice = Choice(options, Random(f"{options.seed} {number}"), mask)
        sides = [next(both) for text in (row.text, row.pair) if text is not None]
        found += _copies(row, sides, chosen, choice)
    return found


def _copies(
    row: Row, sides: Sequence[tuple[Words, Sequence[Candidates]]], chosen: Way, choice: Choice
) -> Iterator[Row]:
    """The different copies of one row. Of a pair the first text is varied, then the second, then both, and so on."""
    seen = {distinct.key(row.text, row.pair)}
    for copy in range(choice.options.augment_copies):
        texts: list[str | None] = [row.text, row.pair]
        for side, (words, candidates) in enumerate(sides):
            if len(sides) == 1 or copy % 3 in (side, 2):
                texts[side] = chosen.vary(words, candidates, choice)
        made = Row(texts[0] or "", texts[1])
        key = distinct.key(made.text, made.pair)
        if key not in seen and made.text.strip():
            seen.add(key)
            yield made


@dataclass(frozen=True)
class _Parts:
    """The copies of each chunk in a file of its own, its rows' keys beside it: found again after a kill."""

    folder: Path

    def has(self, number: int) -> bool:
        return self._path(number).exists()

    def write(self, number: int, rows: Sequence[Row]) -> None:
        with atomic(self._path(number).with_suffix(".npy")) as temporary, temporary.open("wb") as file:
            np.save(file, distinct.keys(rows))
        Rows.write(self._path(number), rows)

    def keys(self) -> list[distinct.Keys]:
        return [np.load(path.with_suffix(".npy")) for path in self._paths()]

    def rows(self) -> Iterator[Row]:
        for path in self._paths():
            yield from Rows.open(path)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06}.arrow"

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("[0-9]*.arrow"))
