import numpy as np
import pytest

from benchmarks.paired import difference
from edgebert.tasks.kinds import classes


def answers(right, rows=400):
    """Logits that are right on the first ``right`` rows of class 0."""
    logits = np.zeros((rows, 2), np.float32)
    logits[:right, 0] = logits[right:, 1] = 1.0
    return logits


TARGETS = np.zeros((400, 1), np.float32)


def test_the_difference_and_its_interval():
    found = difference([answers(360), answers(352)], [answers(320), answers(320)], TARGETS, classes)
    assert found.mean == pytest.approx(9.0)
    # Rows that only the first has right: a share p of them has the standard deviation sqrt(p (1 - p) / n).
    spread = 100 * np.sqrt(0.09 * 0.91 / 400)
    assert found.low == pytest.approx(9.0 - 1.96 * spread, abs=0.6)
    assert found.high == pytest.approx(9.0 + 1.96 * spread, abs=0.6)


def test_rows_that_both_have_right_or_wrong_are_no_luck_of_the_difference():
    found = difference([answers(200)], [answers(200)], TARGETS, classes)
    assert (found.mean, found.low, found.high) == (0.0, 0.0, 0.0)
