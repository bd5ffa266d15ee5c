"""Tables of word vectors: a checkpoint's own word embeddings, or a file of the user's."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edgebert.augment.nearest import Nearest
from edgebert.errors import UserError
from edgebert.models.load import load
from edgebert.tasks.vocabulary import Vocabulary

ROWS = 100_000
"""Of a file so many words are read, which are its most frequent ones."""


def embeddings(checkpoint: Path, vocabulary: Vocabulary, count: int) -> Nearest:
    """Words that are one token, by the checkpoint's word embeddings.

    Args:
        checkpoint: a classifier's folder.
        vocabulary: of its tokenizer.
        count: candidates of a word.
    """
    table = load(checkpoint).input_embeddings.weight.detach().numpy()
    return Nearest(list(vocabulary.words), table[list(vocabulary.words.values())], count, vocabulary.normal)


def file_vectors(path: Path, count: int) -> Nearest:
    """Words by a text file of vectors, such as GloVe's: a word and its numbers on each line.

    Args:
        path: of the file; a first line of two numbers (word2vec, fastText) is passed over.
        count: candidates of a word.

    Raises:
        UserError: if it cannot be read, naming the line.
    """
    found: dict[str, np.ndarray] = {}
    size = None
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                word, *values = line.rstrip().split(" ")
                if number == 1 and len(values) == 1:
                    continue
                size = size or len(values)
                if len(values) != size:
                    raise ValueError(f"{len(values)} numbers where the lines before have {size}")
                found.setdefault(word, np.array(values, np.float32))
                if len(found) == ROWS:
                    break
    except (OSError, ValueError) as error:
        where = f", line {number}" if found else ""
        raise UserError(
            f"--word-vectors {path}{where}: {error}", "Give a text file with a word and its numbers on each line."
        ) from error
    if len(found) < 2:
        raise UserError(f"--word-vectors {path} holds fewer than two words.", "Give a file of GloVe's form.")
    return Nearest(list(found), np.stack(list(found.values())), count)
