import numpy as np
import pytest

from edgebert.tasks import rows as module
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.tokens import BATCH_ROWS, TokenRows

ROWS = [Row("good film", None, (1.0, 0.5)), Row("", "b", (0.0, -2.0)), Row("naïve 映画 🎬", "zwei\nZeilen")]


def test_rows_come_back_as_they_were_written(tmp_path):
    rows = Rows.write(tmp_path / "x.arrow", iter(ROWS))
    assert list(rows) == ROWS
    assert [rows[0], rows[1], rows[-1]] == ROWS
    np.testing.assert_equal(rows.targets, np.float32([[1, 0.5], [0, -2], [np.nan, np.nan]]))
    assert list(Rows.open(tmp_path / "x.arrow")) == ROWS


def test_no_rows_are_a_file_too(tmp_path, encoder):
    rows = Rows.write(tmp_path / "x.arrow", [])
    tokens = TokenRows.write(tmp_path / "t.arrow", rows, encoder)
    assert (len(rows), list(rows), rows.targets.tolist()) == (0, [], [])
    assert (len(tokens), tokens.lengths.tolist(), tokens.targets.tolist()) == (0, [], [])


def test_rows_span_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "BATCH_ROWS", 3)
    monkeypatch.setattr(module, "BATCH_CHARACTERS", 50)
    written = [Row("x" * (60 if i == 4 else 1), None, (float(i),)) for i in range(11)]
    rows = Rows.write(tmp_path / "x.arrow", written)
    assert list(rows) == [rows[i] for i in range(11)] == written
    assert [len(batch) for batch in rows.batches(4)] == [4, 4, 3]


def test_an_error_while_writing_leaves_no_file(tmp_path):
    def broken():
        yield ROWS[0]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        Rows.write(tmp_path / "x.arrow", broken())
    assert list(tmp_path.iterdir()) == []


def test_tokens_come_back_from_any_batch(tmp_path, encoder):
    count = 2 * BATCH_ROWS + 5
    rows = Rows.write(
        tmp_path / "x.arrow", (Row("good " * (i % 9), "a" if i % 2 else None, (i % 3,)) for i in range(count))
    )
    tokens = TokenRows.write(tmp_path / "t.arrow", rows, encoder)
    for index in (0, BATCH_ROWS - 1, BATCH_ROWS, 2 * BATCH_ROWS + 4, -1):
        found, targets = tokens[index]
        assert (found, tuple(targets)) == (encoder.encode([rows[index]])[0], rows[index].targets)
    assert tokens.lengths.tolist() == [len(tokens[i][0]) for i in range(count)]
    assert tokens.targets[:, 0].tolist() == [i % 3 for i in range(count)]
    with pytest.raises(IndexError):
        tokens[count]
