import numpy as np
import pytest

from edgebert.tasks import kinds

KIND = kinds.get("labels")
NAMES = ("joy", "anger", "fear")
LOGITS = np.array([[2.0, -1.0, -3.0], [1.0, 1.0, -0.1], [-1.0, -1.0, -2.0], [0.0, 3.0, -9.0]], dtype=np.float32)
GOLD = np.array([[1, 0, 0], [1, 0, 0], [0, 0, 0], [1, 1, 0]], dtype=np.float32)


def test_probabilities_are_sigmoids_that_do_not_overflow():
    found = KIND.values(np.array([[-1000.0, 0.0, np.log(3), 1000.0]], np.float32))
    np.testing.assert_allclose(found, [[0, 0.5, 0.75, 1]], atol=1e-7)


def test_logits_and_probabilities_are_each_others_inverse():
    np.testing.assert_allclose(KIND.logits(KIND.values(LOGITS)), LOGITS, rtol=1e-5, atol=1e-6)
    assert np.isfinite(KIND.logits(np.array([[0.0, 1.0]]))).all()


def test_answers_are_what_is_more_likely_than_not():
    assert KIND.decode(LOGITS).tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 0], [0, 1, 0]]
    assert KIND.agreement(LOGITS, LOGITS * [[-1], [1], [1], [1]]) == 75


def test_scores_by_hand():
    # 3 hits; 4 answered, 4 gold. joy: 2 hits of 2 and 3; anger: 1 hit of 2 and 1; fear occurs nowhere.
    assert KIND.scores(LOGITS, GOLD) == {
        "micro_f1": pytest.approx(100 * 6 / 8),
        "macro_f1": pytest.approx(100 * (4 / 5 + 2 / 3) / 2),
        "exact_match": pytest.approx(50),
    }
    nothing = np.zeros((2, 3), np.float32)
    assert KIND.scores(nothing - 1, nothing) == {"micro_f1": 0, "macro_f1": 0, "exact_match": 100}


def test_scores_agree_with_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(0)
    logits, gold = random.normal(size=(200, 5)), random.integers(0, 2, (200, 5)).astype(np.float32)
    found = KIND.scores(logits, gold)
    assert found["micro_f1"] == pytest.approx(100 * metrics.f1_score(gold, logits > 0, average="micro"))
    assert found["macro_f1"] == pytest.approx(100 * metrics.f1_score(gold, logits > 0, average="macro"))


def test_gold_in_words():
    assert [kinds.spoken(KIND.gold(row, NAMES)) for row in GOLD] == ["joy", "joy", "none", "joy, anger"]


def test_rows_are_counted_with_each_label_and_grouped_by_their_first():
    assert KIND.counts({"dev": GOLD}, NAMES) == {"dev": {"joy": 3, "anger": 1, "fear": 0}}
    assert KIND.groups(GOLD).tolist() == [0, 0, 3, 0]


def test_rows_and_targets_must_match():
    with pytest.raises(ValueError, match="cannot be scored"):
        KIND.scores(LOGITS, GOLD[:2])
