import numpy as np
import pytest
import torch

from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.tokens import TokenRows
from edgebert.training.batches import POOL, BatchRows, BucketBatches, Collate, ordered_batches, training_loader


@pytest.fixture
def lengths():
    return np.random.default_rng(0).integers(3, 100, 1003).astype(np.int32)


def batches(lengths, places, seed=0, batch_size=8):
    return list(BucketBatches(lengths, batch_size, seed, places))


def test_a_pass_covers_each_row_once(lengths):
    of_pass = 126
    for start in (0, of_pass, 5 * of_pass):
        rows = [row for batch in batches(lengths, range(start, start + of_pass)) for row in batch]
        assert sorted(rows) == list(range(1003))


def test_the_order_depends_on_seed_and_pass_alone(lengths):
    assert batches(lengths, range(200)) == batches(lengths, range(200))
    assert batches(lengths, range(200)) != batches(lengths, range(200), seed=1)
    assert batches(lengths, range(126)) != batches(lengths, range(126, 252))


def test_going_on_gives_the_rest(lengths):
    assert batches(lengths, range(140, 300)) == batches(lengths, range(300))[140:]
    assert len(BucketBatches(lengths, 8, 0, range(140, 300))) == 160


def test_two_processes_share_the_batches(lengths):
    one, other = batches(lengths, range(0, 126, 2)), batches(lengths, range(1, 126, 2))
    assert [batch for both in zip(one, other, strict=True) for batch in both] == batches(lengths, range(126))


def test_rows_of_a_batch_are_of_like_length(lengths):
    spread = [np.ptp(lengths[batch]) for batch in batches(lengths, range(126))]
    assert np.mean(spread) < 0.05 * np.ptp(lengths)
    assert len(lengths) > POOL * 8  # more than one pool


def test_batches_are_padded_to_their_longest_row(rows, encoder):
    loader = training_loader(rows, BucketBatches(rows.lengths, 8, 0, range(13)), encoder.pad_id)
    for batch in loader:
        places = batch.index.numpy()
        assert batch.input_ids.shape == (len(places), rows.lengths[places].max())
        assert batch.attention_mask.sum(1).tolist() == rows.lengths[places].tolist()
        assert (batch.input_ids[batch.attention_mask == 0] == encoder.pad_id).all()
        assert batch.targets.tolist() == rows.targets[places].tolist()
        assert tuple(batch.input_ids[0, : rows.lengths[places[0]]].tolist()) == rows[int(places[0])][0].input_ids


def test_the_loader_leaves_the_global_random_numbers_alone(rows, encoder):
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    next(iter(training_loader(rows, BucketBatches(rows.lengths, 8, 0, range(3)), encoder.pad_id)))
    assert torch.equal(torch.rand(3), expected)


def test_ordered_batches_begin_with_the_longest(lengths):
    found = ordered_batches(lengths, 64)
    assert sorted(np.concatenate(found)) == list(range(1003))
    assert (np.diff(lengths[np.concatenate(found)]) <= 0).all()


def test_rows_without_targets_have_none_beside_those_that_have(tmp_path, encoder):
    written = Rows.write(tmp_path / "x.arrow", [Row("good"), Row("bad", None, (0.0, 1.0))])
    items = BatchRows(TokenRows.write(tmp_path / "t.arrow", written, encoder))
    batch = Collate(encoder.pad_id)([items[1], items[0]])
    assert batch.targets[0].tolist() == [0, 1] and batch.targets[1].isnan().all()
    assert batch.targets.shape == (2, 2) and batch.index.tolist() == [1, 0]
