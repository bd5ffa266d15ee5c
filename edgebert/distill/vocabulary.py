"""A trained student's vocabulary cut to what its task uses (`--vocabulary`): tokenizer, embedding, and what it changes.

Cut after training: the texts that the student learns from are split as its teacher splits them, so hidden states can
be compared token by token, and pieces that no text uses learn nothing.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from edgebert.models.huggingface import HuggingFaceModel
from edgebert.models.scores import PrunedVocabulary
from edgebert.tasks.pruning import needed, write_pruned
from edgebert.tasks.tokens import TokenRows


def prune(student: HuggingFaceModel, tokenizer: Path, learnt: TokenRows, most: int, out: Path) -> list[int]:
    """Keep the pieces that the texts use.

    Args:
        student: its embedding is cut in place.
        tokenizer: the whole `tokenizer.json`.
        learnt: tokenised texts that it learnt from.
        most: pieces to keep at most.
        out: where the new `tokenizer.json` goes.

    Returns:
        The old ids of the pieces, ascending: the new ids are their places.

    Raises:
        UserError: if the tokenizer is no WordPiece, or ``most`` too few.
    """
    table = student.input_embeddings
    kept = needed(tokenizer, learnt.counts(table.num_embeddings), most)
    write_pruned(tokenizer, kept, out)
    table.weight = nn.Parameter(table.weight.detach()[torch.tensor(kept)].clone())
    table.num_embeddings = student.config.vocab_size = len(kept)
    table.padding_idx = student.config.pad_token_id = kept.index(student.config.pad_token_id)
    return kept


def compare(before: TokenRows, after: TokenRows, kept: list[int], pieces_before: int, width: int) -> PrunedVocabulary:
    """Hold the dev rows, split by the fewer pieces, against the same rows split by all."""
    same = sum(
        tuple(kept[i] for i in new.input_ids) == old.input_ids
        for (new, _), (old, _) in ((after[row], before[row]) for row in range(len(before)))
    )
    return PrunedVocabulary(
        pieces=len(kept),
        pieces_before=pieces_before,
        bytes_saved=4 * width * (pieces_before - len(kept)),
        rows=100 * same / max(len(before), 1),
        tokens=100 * int(after.lengths.sum()) / max(int(before.lengths.sum()), 1),
    )
