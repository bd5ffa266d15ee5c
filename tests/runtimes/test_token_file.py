import numpy as np
import pytest

from edgebert.runtimes.token_file import TokenFile
from edgebert.tasks.encoder import Tokens, pad

ROWS = [Tokens((2, 7, 3), (0, 0, 0)), Tokens((2, 70_000, 9, 3, 8, 3), (0, 0, 0, 0, 1, 1))]


@pytest.fixture
def rows(tmp_path):
    return TokenFile.write(tmp_path / "rows", iter(ROWS), pad_id=5)


def test_rows_come_back_as_the_encoder_pads_them(rows):
    assert len(rows) == 2
    assert rows.lengths.tolist() == [3, 6]
    for index, row in enumerate(ROWS):
        for length in (None, 6, 8):
            for name, values in pad([row], length, 5).items():
                found = rows.feeds(index, length)[name]
                assert found.dtype == np.int32
                np.testing.assert_array_equal(found, values)


def test_a_row_that_does_not_fit_is_not_cut_silently(rows):
    with pytest.raises(ValueError, match="row 1 has 6 tokens"):
        rows.feeds(1, 4)
