"""Candidates of a masked language model: `[CLS] text with a hidden word [SEP] text [SEP]` (Jiao et al. 2020)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from edgebert.augment import Source
from edgebert.augment.words import Candidates, Words, bears_meaning
from edgebert.models.masked_lm import load
from edgebert.tasks.encoder import TextEncoder, Tokens, pad
from edgebert.tasks.rows import Row
from edgebert.tasks.vocabulary import Vocabulary
from edgebert.teachers.checkpoint import look
from edgebert.training.batches import ordered_batches
from edgebert.training.precision import autocast

BATCH_SIZE = 64
"""Hidden words that are told at once."""
LONGEST = 512
"""Tokens of a text that is twice there."""


class MaskedWords:
    """The likeliest words that bear meaning, the word itself left out; of a word of several tokens, the nearest ones.

    Args:
        folder: a `...ForMaskedLM` checkpoint.
        vocabulary: of its tokenizer.
        several: gives candidates of words that are several tokens.
        count: candidates of a word, K.
    """

    def __init__(self, folder: Path, vocabulary: Vocabulary, several: Source, count: int) -> None:
        self.model, _ = load(folder)
        self.vocabulary, self.several, self.count = vocabulary, several, count
        self.mask, self.mask_id = vocabulary.required_mask("--candidates masked-lm")
        self.encoder = TextEncoder(vocabulary.path, min(LONGEST, look(str(folder)).positions or LONGEST))
        known = {word: i for word, i in vocabulary.words.items() if bears_meaning(word)}
        self.words, self.ids = list(known), torch.tensor(list(known.values()))
        self.description = f"a masked language model for words of one token, {several.description}"

    def __call__(self, texts: Sequence[Words], wanted: Callable[[str], bool]) -> list[list[Candidates]]:
        """See `edgebert.augment.Source`."""
        found = self.several(texts, lambda word: wanted(word) and self.vocabulary.id_of(word) is None)
        hidden = [
            (row, place)
            for row, text in enumerate(texts)
            for place, word in enumerate(text.words)
            if wanted(word) and self.vocabulary.id_of(word) is not None
        ]
        rows = [Row(texts[row].replaced({place: self.mask}), texts[row].replaced({})) for row, place in hidden]
        tokens = self.encoder.encode(rows)
        for (row, place), words in zip(hidden, self._told(tokens), strict=True):
            itself = self.vocabulary.normal(texts[row].words[place])
            found[row][place] = tuple(word for word in words if word != itself)[: self.count]
        return found

    @torch.no_grad()
    def _told(self, rows: Sequence[Tokens]) -> list[Sequence[str]]:
        """For each row the likeliest words at its mask, one more than asked for; none where it has not just one."""
        found: list[Sequence[str]] = [()] * len(rows)
        one = [i for i, row in enumerate(rows) if row.input_ids.count(self.mask_id) == 1]
        lengths = np.array([len(rows[i]) for i in one], np.int32)
        for places in ordered_batches(lengths, BATCH_SIZE):
            which = [one[int(place)] for place in places]
            padded = pad([rows[i] for i in which], None, self.encoder.pad_id)
            inputs = {name: torch.from_numpy(array).long() for name, array in padded.items()}
            with autocast(self.ids.device):
                logits = self.model(inputs, inputs["input_ids"] == self.mask_id)
            best = logits[:, self.ids].float().topk(min(self.count + 1, len(self.words))).indices
            for i, words in zip(which, best.tolist(), strict=True):
                found[i] = [self.words[word] for word in words]
        return found
