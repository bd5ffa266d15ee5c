"""The number that a model gives is brought into another unit by its head alone."""

import pytest
import tiny
import torch

from edgebert.models.load import load
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Row
from edgebert.training.batches import Collate


@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_every_logit_is_scaled_and_shifted(family, tmp_path):
    folder = tiny.save_checkpoint(tmp_path / family, family, labels=("score",))
    model, encoder = load(folder), TextEncoder(folder / "tokenizer.json", 16)
    tokens = encoder.encode([Row(text) for text, _ in tiny.reviews()[:8]])
    none = torch.full((1,), float("nan")).numpy()
    batch = Collate(encoder.pad_id)([(i, row, none) for i, row in enumerate(tokens)])
    with torch.no_grad():
        before = model(batch).logits
        model.rescale(2000.0, -30.0)
        torch.testing.assert_close(model(batch).logits, 2000 * before - 30, rtol=1e-4, atol=1e-2)
        model.rescale(1 / 2000, 30 / 2000)
        torch.testing.assert_close(model(batch).logits, before, rtol=1e-4, atol=1e-5)
