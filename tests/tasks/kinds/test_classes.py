import numpy as np
import pytest

from edgebert.tasks import kinds

LOGITS = np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [5.0, 5.0, 1.0], [0.0, 0.1, 0.0]], dtype=np.float32)


def test_probabilities_are_a_softmax_that_does_not_overflow():
    kind = kinds.get("classes")
    probabilities = kind.values(np.array([[1000.0, 1000.0], [0.0, np.log(3)]], dtype=np.float32))
    np.testing.assert_allclose(probabilities, [[0.5, 0.5], [0.25, 0.75]], rtol=1e-6)


def test_answers_are_the_largest_logits():
    assert kinds.get("classes").decode(LOGITS).tolist() == [0, 1, 0, 1]


def test_scores_are_in_points():
    kind = kinds.get("classes")
    scores = kind.scores(LOGITS, np.array([[0], [1], [1], [2]]))
    # Class 0: F1 2/3, class 1: 2/4, class 2: 0.
    assert scores == {"accuracy": pytest.approx(50), "macro_f1": pytest.approx(100 * (2 / 3 + 1 / 2 + 0) / 3)}
    assert kind.METRIC in scores


def test_scores_agree_with_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(0)
    logits, labels = random.normal(size=(200, 5)), random.integers(0, 4, 200)
    scores = kinds.get("classes").scores(logits, labels[:, None])
    answers = logits.argmax(axis=1)
    assert scores["accuracy"] == pytest.approx(100 * metrics.accuracy_score(labels, answers))
    assert scores["macro_f1"] == pytest.approx(100 * metrics.f1_score(labels, answers, average="macro"))


def test_rows_and_labels_must_match():
    with pytest.raises(ValueError, match="cannot be scored"):
        kinds.get("classes").scores(LOGITS, np.array([[0]]))


def test_an_unknown_kind_lists_those_there_are():
    with pytest.raises(KeyError, match="classes"):
        kinds.get("clases")


def test_two_classes_are_scored_as_glue_scores_them():
    kind = kinds.get("classes")
    answers, gold = np.array([1, 1, 1, 0, 0]), np.array([[1], [1], [0], [1], [0]])
    scores = kind.scores(np.eye(2)[answers], gold)
    assert scores["f1"] == pytest.approx(100 * 4 / 6)
    assert scores["matthews"] == pytest.approx(100 * np.corrcoef(answers, gold[:, 0])[0, 1])
    assert kind.scores(np.eye(2)[np.ones(5, int)], gold)["matthews"] == 0


def test_logits_and_probabilities_answer_alike():
    kind = kinds.get("classes")
    found = kind.logits(kind.values(LOGITS))
    np.testing.assert_allclose(found - found[:, :1], LOGITS - LOGITS[:, :1], atol=1e-6)
    assert np.isfinite(kind.logits(np.array([[0.0, 1.0]]))).all()
