import numpy as np
import pytest
import torch

from edgebert.distill.blocks import RowBlocks
from edgebert.distill.features import FeatureCache, Features, TeacherOutputs
from edgebert.training.batches import BatchRows, Collate
from edgebert.training.precision import bf16_is_fast

BOTH = Features((0, 1, 2), (0, 1))


@pytest.fixture(params=[BOTH, Features((0, 2)), Features((), (1,))], ids=["both", "states", "scores"])
def outputs(teacher, rows, request):
    return TeacherOutputs(teacher, np.arange(2 * len(rows), dtype=np.float32).reshape(-1, 2), request.param, None)


@pytest.fixture
def batch(rows, encoder):
    items = BatchRows(rows)
    return Collate(encoder.pad_id)([items[i] for i in (7, 3, 200, 31)])


def plan(outputs, rows, encoder, folder, budget_mb=10):
    outputs.cache = FeatureCache.plan(rows, outputs, encoder.pad_id, budget_mb, folder)
    return outputs.cache


def test_cached_features_are_the_recomputed_ones(outputs, rows, encoder, batch, tmp_path):
    with torch.no_grad():
        states, scores = outputs.compute(batch)
    assert plan(outputs, rows, encoder, tmp_path) is not None
    found = outputs(batch)
    mask = batch.attention_mask.bool()
    tolerance = 2e-2 if bf16_is_fast() else 2e-3
    assert (len(states), len(scores)) == (len(outputs.features.states), len(outputs.features.attentions))
    for cached, computed in zip((*found.hidden_states, *found.attention_scores), (*states, *scores), strict=True):
        assert cached.shape == computed.shape and cached.dtype == torch.float32
        real = mask if cached.ndim == 3 else (mask[:, None, :, None] & mask[:, None, None, :]).expand_as(cached)
        assert (cached - computed)[real].abs().max() <= tolerance * computed.abs().max()
        assert (cached[~real] == 0).all()
    assert found.logits.tolist() == [[2.0 * i, 2.0 * i + 1] for i in (7, 3, 200, 31)]


def test_a_phase_reads_its_part_of_the_cache_in_its_order(teacher, rows, encoder, batch, tmp_path):
    logits = np.zeros((len(rows), 2), np.float32)
    whole = TeacherOutputs(teacher, logits, BOTH, None)
    everything = plan(whole, rows, encoder, tmp_path).read(batch, BOTH)
    part = TeacherOutputs(teacher, logits, Features((2, 1, 1), (1,)), whole.cache)(batch)
    for found, place in zip(part.hidden_states, (2, 1, 1), strict=True):
        assert torch.equal(found, everything[0][place])
    assert len(part.attention_scores) == 1 and torch.equal(part.attention_scores[0], everything[1][1])


def test_what_does_not_fit_the_budget_is_computed_and_said(teacher, rows, encoder, batch, tmp_path, capsys):
    lengths = rows.lengths.astype(int)
    for features, size, what in (
        (Features((0, 1, 2)), lengths.sum() * 3 * 32, "hidden states"),
        (BOTH, lengths.sum() * 3 * 32 + (lengths**2).sum() * 2 * 2, "hidden states and attention scores"),
    ):
        outputs = TeacherOutputs(teacher, np.zeros((len(rows), 2), np.float32), features, None)
        assert plan(outputs, rows, encoder, tmp_path / "features", budget_mb=0) is None
        assert not (tmp_path / "features").exists()
        said = " ".join(capsys.readouterr().out.split())
        assert f"{what} of the teacher for 240 rows: {size * 2 / 1e6:.0f} MB, over 0 MB: computed at every" in said
        assert len(outputs(batch).hidden_states) == 3


def test_a_killed_filling_is_done_again(outputs, rows, encoder, batch, tmp_path):
    compute, left = outputs.compute, 2

    def dies(batch):
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return compute(batch)

    outputs.compute = dies
    with pytest.raises(KeyboardInterrupt):
        plan(outputs, rows, encoder, tmp_path)
    outputs.compute = compute
    filled = plan(outputs, rows, encoder, tmp_path).read(batch, outputs.features)
    untouched = TeacherOutputs(outputs.teacher, outputs.logits, outputs.features, None)
    expected = plan(untouched, rows, encoder, tmp_path / "untouched").read(batch, outputs.features)
    assert all(torch.equal(one, other) for one, other in zip(sum(filled, ()), sum(expected, ()), strict=True))

    def never(batch):
        raise AssertionError("the cache was full")

    outputs.compute = never
    again = plan(outputs, rows, encoder, tmp_path).read(batch, outputs.features)
    assert all(torch.equal(one, other) for one, other in zip(sum(filled, ()), sum(again, ()), strict=True))


def test_a_method_without_features_gets_none(teacher, rows, batch):
    outputs = TeacherOutputs(teacher, np.zeros((len(rows), 2), np.float32), Features(), None)
    assert outputs(batch).hidden_states is None and outputs(batch).attention_scores is None


def test_blocks_of_a_row_come_back_in_any_order(tmp_path):
    sizes = np.array([3, 0, 5, 2])
    blocks = RowBlocks(tmp_path / "blocks", sizes)
    assert (tmp_path / "blocks").stat().st_size == blocks.nbytes == 20
    for row in (2, 0, 3):
        blocks.write(row, np.arange(sizes[row], dtype=np.float16) + 10 * row)
    blocks.flush()
    again = RowBlocks(tmp_path / "blocks", sizes)
    assert [again.read(row).tolist() for row in range(4)] == [[0, 1, 2], [], [20, 21, 22, 23, 24], [30, 31]]
