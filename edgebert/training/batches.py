"""Tokenised rows as padded batches of like lengths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from edgebert.tasks.encoder import Tokens, pad
from edgebert.tasks.tokens import TokenRows

POOL = 64
"""Batches are cut from pools of this many batches' worth of shuffled rows, sorted by length within the pool."""


@dataclass(frozen=True)
class Batch:
    """Rows padded to the longest of them: n rows, t tokens; int64 but for the targets."""

    input_ids: Tensor
    """[n, t]"""
    attention_mask: Tensor
    """[n, t], 1 for a token and 0 for padding"""
    token_type_ids: Tensor
    """[n, t], 1 for the second text of a pair"""
    targets: Tensor
    """[n, width], float32, what the task's kind makes of them; NaN where the row has none"""
    index: Tensor
    """[n], the rows' places in the data, to look up what is cached about them"""

    def inputs(self) -> dict[str, Tensor]:
        """The three tensors that a Hugging Face encoder takes, by name."""
        return {name: getattr(self, name) for name in ("input_ids", "attention_mask", "token_type_ids")}

    def to(self, device: torch.device) -> Batch:
        """The batch on ``device``."""
        return Batch(**{f.name: getattr(self, f.name).to(device) for f in fields(self)})


Item = tuple[int, Tokens, np.ndarray]
"""A row's place, its tokens, its targets."""


class BatchRows(Dataset[Item]):
    """Tokenised rows as a torch data set whose items remember their place."""

    def __init__(self, rows: TokenRows) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Item:
        tokens, targets = self.rows[index]
        return index, tokens, targets


class BucketBatches(Sampler[list[int]]):
    """Batches of rows of like length, pass after pass, in an order that only the seed decides.

    Args:
        lengths: tokens of each row, int32 [rows].
        batch_size: rows in a batch; one of each pass may hold fewer.
        seed: seed of the order.
        places: which batches of that endless order: a training that goes on starts where it stopped.
    """

    def __init__(self, lengths: np.ndarray, batch_size: int, seed: int, places: range) -> None:
        self.lengths, self.batch_size, self.seed, self.places = lengths, batch_size, seed, places

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[list[int]]:
        batches, current = self.of_pass(0), 0
        for place in self.places:
            number, at = divmod(place, len(batches))
            if number != current:
                batches, current = self.of_pass(number), number
            yield batches[at].tolist()

    def of_pass(self, number: int) -> list[np.ndarray]:
        """All batches of one pass over the rows."""
        random = np.random.default_rng((self.seed, number))
        order = random.permutation(len(self.lengths))
        batches: list[np.ndarray] = []
        for start in range(0, len(order), POOL * self.batch_size):
            pool = order[start : start + POOL * self.batch_size]
            pool = pool[np.argsort(self.lengths[pool], kind="stable")]
            batches += [pool[i : i + self.batch_size] for i in range(0, len(pool), self.batch_size)]
        return [batches[place] for place in random.permutation(len(batches))]


class Collate:
    """Pads the rows of a batch to the longest of them."""

    def __init__(self, pad_id: int) -> None:
        self.pad_id = pad_id

    def __call__(self, items: list[Item]) -> Batch:
        """The rows, as `BatchRows` gives them, as one batch."""
        padded = pad([tokens for _, tokens, _ in items], None, self.pad_id)
        return Batch(
            **{name: torch.from_numpy(array).long() for name, array in padded.items()},
            targets=torch.from_numpy(np.stack([targets for _, _, targets in items])),
            index=torch.tensor([index for index, _, _ in items]),
        )


def training_loader(rows: TokenRows, batches: BucketBatches, pad_id: int) -> DataLoader[Batch]:
    """The rows of ``batches``, padded."""
    # A generator of its own: drawing from the global one would change the dropout of a training that goes on.
    generator = torch.Generator()
    return DataLoader(BatchRows(rows), batch_sampler=batches, collate_fn=Collate(pad_id), generator=generator)  # type: ignore[arg-type]


def ordered_batches(lengths: np.ndarray, batch_size: int) -> list[np.ndarray]:
    """Places of all rows in batches from the longest to the shortest: the largest need of memory comes first."""
    order = np.argsort(-lengths, kind="stable")
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
