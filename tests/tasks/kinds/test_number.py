import numpy as np
import pytest

from edgebert.tasks import kinds

KIND = kinds.get("number")


def column(*numbers):
    return np.array(numbers, np.float32)[:, None]


def test_scores_by_hand():
    # Ranks 1 2 3 4 against 1.5 1.5 3 4: covariance 4.5, squares 5 and 4.5.
    found = KIND.scores(column(1, 2, 30, 40), column(5, 5, 6, 9))
    assert found["spearman"] == pytest.approx(100 * 4.5 / np.sqrt(5 * 4.5))
    assert found["pearson"] == pytest.approx(100 * np.corrcoef([1, 2, 30, 40], [5, 5, 6, 9])[0, 1])
    assert found["mean_absolute_error"] == pytest.approx((4 + 3 + 24 + 31) / 4)
    assert KIND.METRIC in found


def test_correlations_agree_with_scipy():
    stats = pytest.importorskip("scipy.stats")
    random = np.random.default_rng(0)
    answers, gold = random.normal(size=(300, 1)), random.integers(0, 6, (300, 1)).astype(np.float32)
    found = KIND.scores(answers, gold)
    assert found["spearman"] == pytest.approx(100 * stats.spearmanr(answers, gold).statistic)
    assert found["pearson"] == pytest.approx(100 * stats.pearsonr(answers[:, 0], gold[:, 0]).statistic)


@pytest.mark.parametrize("constant", [0.0, 0.1, 10_000.3])
def test_constant_answers_say_nothing(constant):
    found = KIND.scores(np.full((7, 1), constant, np.float32), column(*range(7)))
    assert found["spearman"] == found["pearson"] == 0


def test_the_unit_does_not_count_but_for_the_error():
    answers, gold = column(1, 5, 2, 8), column(2, 4, 3, 9)
    found, larger = KIND.scores(answers, gold), KIND.scores(1000 * answers + 5000, 1000 * gold + 5000)
    assert larger["pearson"] == pytest.approx(found["pearson"]) and larger["spearman"] == found["spearman"]
    assert larger["mean_absolute_error"] == pytest.approx(1000 * found["mean_absolute_error"])


def test_differences_are_measured_in_standard_deviations():
    assert KIND.unit(column(0, 10)) == 5
    assert KIND.unit(column(3, 3)) == 1
    assert KIND.agreement(column(1, 2), column(1, 2)) is None


def test_gold_in_words():
    assert KIND.gold(column(3.8)[0], ("score",)) == 3.8
    assert kinds.spoken(3.8) == "3.8"


def test_rows_are_counted_in_ranges_and_grouped_in_fifths():
    found = KIND.counts({"train": column(0, 1, 5), "dev": column(2.5, 4.9)}, ("score",))
    assert found == {
        "train": {"0 to 1": 1, "1 to 2": 1, "2 to 3": 0, "3 to 4": 0, "4 to 5": 1},
        "dev": {"0 to 1": 0, "1 to 2": 0, "2 to 3": 1, "3 to 4": 0, "4 to 5": 1},
    }
    assert np.bincount(KIND.groups(np.arange(100.0)[:, None])).tolist() == [20] * 5


def test_rows_and_targets_must_match():
    with pytest.raises(ValueError, match="cannot be scored"):
        KIND.scores(column(1, 2), column(1))
