"""Where candidates come from, chosen by what is at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np

from edgebert.augment import Source, Way
from edgebert.augment.lexical import lexical
from edgebert.augment.nearest import Nearest
from edgebert.augment.words import Candidates, Words
from edgebert.recipes.options import DistillOptions
from edgebert.tasks.task import Task
from edgebert.tasks.vocabulary import Vocabulary

LOOKED_AT = 1000
ENOUGH_KNOWN = 0.5
"""The checkpoint's own table serves where at least this share of the words are in its vocabulary."""


@dataclass(frozen=True)
class Neighbours:
    """Nearest words.

    Attributes:
        tables: asked in turn; the first that knows a word decides.
        description: what they are, in words.
    """

    tables: Sequence[Nearest]
    description: str

    def __call__(self, texts: Sequence[Words], wanted: Callable[[str], bool]) -> list[list[Candidates]]:
        """See `Source`."""
        return [[self.of(word) if wanted(word) else () for word in text.words] for text in texts]

    def of(self, word: str) -> Candidates:
        """The candidates of one word."""
        return next((found for table in self.tables if (found := table(word))), ())


def source(
    way: Way, options: DistillOptions, task: Task, teacher: Path, masked_lm: Path | None, vocabulary: Vocabulary
) -> Source:
    """The candidates that a way asks for.

    Args:
        way: of augmenting.
        options: the user's word vectors among them.
        task: its train and unlabelled texts.
        teacher: folder of the teacher.
        masked_lm: folder of the masked language model, where one is to be used.
        vocabulary: of the teacher.
    """
    asked = way.candidates(options)
    alike = lexical(lambda: _texts(task), way.COUNT)
    if asked == "lexical":
        return Neighbours([alike], ALIKE)
    from edgebert.augment.vectors import embeddings, file_vectors

    others, words = [alike], f"{ALIKE} for words that it does not know"
    if options.word_vectors:
        path = Path(options.word_vectors)
        others, words = [file_vectors(path, way.COUNT), alike], f"the nearest words of {path.name}, else {words}"
    if masked_lm is not None:
        from edgebert.augment.masked_words import MaskedWords

        return MaskedWords(masked_lm, vocabulary, Neighbours(others, words), way.COUNT)
    if asked == "auto" and not options.word_vectors and _share_known(task, vocabulary) < ENOUGH_KNOWN:
        return Neighbours([alike], ALIKE)
    if not options.word_vectors:
        others, words = [embeddings(teacher, vocabulary, way.COUNT), *others], f"the teacher's word embeddings, {words}"
    return Neighbours(others, words)


ALIKE = "words used alike in the task's own texts"


def _texts(task: Task) -> Iterator[str]:
    """All texts that the student may learn from."""
    for row in chain(*(task.rows(split) for split in ("train", "unlabelled") if task.sizes.get(split))):
        yield row.text
        if row.pair is not None:
            yield row.pair


def _share_known(task: Task, vocabulary: Vocabulary) -> float:
    """Share of the words of some texts that are one token."""
    words = [word for text in islice(_texts(task), LOOKED_AT) for word in Words.of(text).words]
    return float(np.mean([vocabulary.id_of(word) is not None for word in words])) if words else 0.0
