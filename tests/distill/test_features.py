import numpy as np
import pytest
import torch

from edgebert.distill.features import FeatureCache, TeacherOutputs
from edgebert.training.batches import BatchRows, Collate
from edgebert.training.precision import bf16_is_fast

LAYERS = (0, 1, 2)


@pytest.fixture
def outputs(teacher, rows):
    return TeacherOutputs(teacher, np.arange(2 * len(rows), dtype=np.float32).reshape(-1, 2), LAYERS, None)


@pytest.fixture
def batch(rows, encoder):
    items = BatchRows(rows)
    return Collate(encoder.pad_id)([items[i] for i in (7, 3, 200, 31)])


def plan(outputs, rows, encoder, folder, budget_mb=10):
    FeatureCache.plan(rows, outputs, encoder.pad_id, budget_mb, folder / "features.npy")


def test_cached_hidden_states_are_the_recomputed_ones(outputs, rows, encoder, batch, tmp_path):
    with torch.no_grad():
        expected = outputs.compute(batch)
    plan(outputs, rows, encoder, tmp_path)
    found = outputs(batch)
    assert outputs.cache is not None
    real = batch.attention_mask.bool()
    tolerance = 2e-2 if bf16_is_fast() else 2e-3
    for cached, computed in zip(found.hidden_states, expected, strict=True):
        assert cached.shape == computed.shape and cached.dtype == torch.float32
        assert (cached - computed)[real].abs().max() <= tolerance * computed.abs().max()
        assert (cached[~real] == 0).all()
    assert found.logits.tolist() == [[2.0 * i, 2.0 * i + 1] for i in (7, 3, 200, 31)]


def test_what_does_not_fit_the_budget_is_computed_and_said(outputs, rows, encoder, batch, tmp_path, capsys):
    plan(outputs, rows, encoder, tmp_path, budget_mb=0)
    assert outputs.cache is None and not (tmp_path / "features.npy").exists()
    tokens = int(rows.lengths.sum())
    size = f"{tokens * 3 * 32 * 2 / 1e6:.0f} MB"
    assert f"for 240 rows: {size}, over 0 MB: computed at every step" in capsys.readouterr().out
    assert len(outputs(batch).hidden_states) == 3


def test_a_killed_filling_is_done_again(outputs, rows, encoder, batch, tmp_path):
    cache = FeatureCache(tmp_path / "features.npy", rows.lengths, len(LAYERS), outputs.teacher.width)
    cache.values[:10] = 77
    plan(outputs, rows, encoder, tmp_path)
    assert np.abs(outputs.cache.values).max() < 70
    filled = np.array(outputs.cache.values)

    def never(batch):
        raise AssertionError("the cache was full")

    outputs.compute = never
    plan(outputs, rows, encoder, tmp_path)
    assert np.array_equal(outputs.cache.values, filled)


def test_a_method_without_hidden_states_gets_none(teacher, rows, batch):
    outputs = TeacherOutputs(teacher, np.zeros((len(rows), 2), np.float32), (), None)
    assert outputs(batch).hidden_states is None
