from itertools import combinations

import numpy as np
import pytest

from edgebert.tasks.fit_lengths import MOST, WORTH, fit_lengths, mean_padded


def rows(seed, spread):
    """Lengths as those of real texts: many short ones, few long ones."""
    return (3 + np.random.default_rng(seed).gamma(2, spread, 500)).astype(np.int32)


def by_trial(tokens, top, count):
    """The least mean of all choices of so many lengths, the longest being ``top``."""
    shorter = range(8, top, 8)
    return min(mean_padded(tokens, (*chosen, top)) for chosen in combinations(shorter, count - 1))


@pytest.mark.parametrize(("seed", "spread", "longest"), [(0, 4, 64), (1, 9, 64), (2, 20, 96), (3, 60, 64)])
def test_no_other_choice_pads_less(seed, spread, longest):
    tokens = rows(seed, spread)
    found = fit_lengths(tokens, longest)
    assert found == tuple(sorted(set(found))) and len(found) <= MOST
    assert mean_padded(tokens, found) == pytest.approx(by_trial(tokens, found[-1], len(found)))
    if len(found) > 1:
        assert mean_padded(tokens, found) <= (1 - WORTH) * by_trial(tokens, found[-1], len(found) - 1)
    if len(found) < MOST and len(found) < found[-1] // 8:
        assert by_trial(tokens, found[-1], len(found) + 1) > (1 - WORTH) * mean_padded(tokens, found)


def test_the_longest_leaves_99_rows_of_100_whole():
    tokens = np.array([12] * 98 + [30, 500], np.int32)
    assert fit_lengths(tokens, 128) == (16, 32)
    assert fit_lengths(np.array([12] * 97 + [30, 90, 500], np.int32), 128)[-1] == 96


def test_longer_rows_are_cut_at_the_longest_allowed():
    tokens = np.array([10] * 50 + [700] * 50, np.int32)
    assert fit_lengths(tokens, 128) == (16, 128)
    assert fit_lengths(tokens, 20) == (16, 20), "a checkpoint may have an odd number of positions"
    assert mean_padded(tokens, (16, 20)) == 18


def test_rows_of_one_length_need_one():
    assert fit_lengths(np.full(30, 24, np.int32), 128) == (24,)
    assert fit_lengths(np.full(30, 5, np.int32), 4) == (4,)
