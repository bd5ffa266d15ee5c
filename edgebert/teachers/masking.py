"""Hiding words for a masked language model (Devlin et al. 2019), anew at every step (RoBERTa, Liu et al. 2019)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from edgebert.tasks.vocabulary import Vocabulary
from edgebert.training.batches import Batch

SHARE = 0.15
"""Of the tokens, so many are to be told."""
MASKED, RANDOM = 0.8, 0.1
"""Of those, so many are replaced by the mask token, and so many by a random one; the rest stand as they are."""


@dataclass(frozen=True)
class Hidden:
    """A batch with hidden words."""

    batch: Batch
    at: Tensor
    """Which tokens are to be told, bool [n, t]"""
    tokens: Tensor
    """What they were, int64 [places], row by row"""


class Masking:
    """Hides words of batches.

    Args:
        vocabulary: special tokens are never hidden.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.mask_id = vocabulary.required_mask("A masked language model")[1]
        self.size = vocabulary.size
        self.special = torch.tensor(vocabulary.special_ids)

    def __call__(self, batch: Batch, generator: torch.Generator | None = None) -> Hidden:
        """Hide words of ``batch``, chosen by ``generator`` or by the global one."""
        ids = batch.input_ids
        draw = torch.rand(ids.shape, generator=generator).to(ids.device)
        other = torch.randint(self.size, ids.shape, generator=generator).to(ids.device)
        at = (draw < SHARE) & batch.attention_mask.bool() & ~torch.isin(ids, self.special.to(ids.device))
        seen = torch.where(at & (draw < SHARE * (MASKED + RANDOM)), other, ids)
        seen = torch.where(at & (draw < SHARE * MASKED), self.mask_id, seen)
        return Hidden(replace(batch, input_ids=seen), at, ids[at])
