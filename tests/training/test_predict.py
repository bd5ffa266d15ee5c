import numpy as np
import pytest
import torch
from tiny import reviews

from edgebert.training import predict as module
from edgebert.training.predict import predict


def logits_of(model):
    return lambda batch: model(batch).logits


def test_logits_come_in_the_order_of_the_rows(model, rows, encoder, checkpoint):
    from transformers import AutoTokenizer

    found = predict(logits_of(model), rows, encoder.pad_id, 2, exact=True)
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    for place in (0, 41, 99):
        tokens = tokenizer(reviews()[place][0], return_tensors="pt")
        with torch.no_grad():
            assert found[place] == pytest.approx(model.model(**tokens).logits[0].numpy(), abs=1e-5)


def test_a_killed_call_goes_on_and_gives_the_same_bits(model, rows, encoder, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "BATCH_SIZE", 16)
    expected = predict(logits_of(model), rows, encoder.pad_id, 2, out=tmp_path / "whole.npy").copy()
    left = 3

    def dies(batch):
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return model(batch).logits

    out = tmp_path / "killed.npy"
    with pytest.raises(KeyboardInterrupt):
        predict(dies, rows, encoder.pad_id, 2, out=out)
    half = np.load(out)
    assert np.isnan(half).any(axis=1).sum() == 100 - 3 * 16
    half[np.flatnonzero(~np.isnan(half[:, 0]))[0]] = np.nan  # killed between two rows of a batch
    np.save(out, half)
    asked = []

    def counts(batch):
        asked.append(len(batch.index))
        return model(batch).logits

    assert np.array_equal(predict(counts, rows, encoder.pad_id, 2, out=out), expected)
    assert sum(asked) == 100 - 2 * 16
    assert np.array_equal(np.load(out), expected)
