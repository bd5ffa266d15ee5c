"""Intervals of what is kept: known cases, and that the draws are paired."""

import json

import numpy as np
import pytest
from test_verify import LENGTHS, Bench

from edgebert.errors import UserError
from edgebert.recipes.options import VerifyOptions
from edgebert.verify import Bootstrap, Scores, verify

LABELS = np.arange(400) % 2


def accuracy(answers, labels):
    return 100 * float(np.mean(answers == labels))


def answers(wrong):
    found = LABELS.copy()
    found[wrong] = 1 - found[wrong]
    return found


def kept(ours, theirs, **options):
    bootstrap = Bootstrap(accuracy, LABELS, **options)
    return bootstrap.kept(bootstrap.scores(ours), bootstrap.scores(theirs))


def test_the_same_answers_keep_everything_without_doubt():
    found = kept(answers(range(40)), answers(range(40)))
    assert (found.percent, found.low, found.high, found.rows) == (100, 100, 100, 400)


def test_percent_is_that_of_the_rows_and_lies_in_the_interval():
    found = kept(answers(range(80)), answers(range(40)))
    assert found.percent == pytest.approx(100 * 80 / 90)
    assert found.low < found.percent < found.high


def test_width_is_that_of_the_difference_and_not_of_either_score():
    # The same 100 rows wrong, and 4 more: what differs is 4 rows of 400, however unsure either score is.
    paired = kept(answers(range(104)), answers(range(100)))
    apart = kept(answers(range(104)), answers(range(296, 396)))
    assert paired.high - paired.low < 4
    assert apart.high - apart.low > 3 * (paired.high - paired.low)


def test_width_agrees_with_theory():
    # Of a share p against a perfect model: 1.96 x sqrt(p (1 - p) / n) to either side.
    found = kept(answers(range(80)), LABELS, resamples=4000)
    assert (found.high - found.low) / 2 == pytest.approx(100 * 1.96 * np.sqrt(0.8 * 0.2 / 400), rel=0.08)


def test_same_seed_same_interval_and_another_seed_another():
    ours, theirs = answers(range(80)), answers(range(20, 60))
    assert kept(ours, theirs) == kept(ours, theirs) != kept(ours, theirs, seed=1)


def test_nothing_is_said_where_the_other_score_may_be_zero():
    assert kept(answers([]), answers(range(400))) is None
    assert kept(answers([]), answers(range(399))) is None, "0 on some draw"


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def run(bench, *artefacts, teacher=None):
    from converters.artefact import save_list

    save_list(artefacts, bench.files)
    return verify(
        bench.task, bench.student, [bench.files], bench.files, LENGTHS, VerifyOptions(), bench.out, teacher
    )  # fmt: skip


def test_files_and_student_are_held_against_the_teacher(bench, tmp_path):
    student = np.load(bench.files / "reference-s16.npy")
    gold = bench.task.rows("dev").targets
    teacher = np.eye(2, dtype=np.float32)[gold[:, 0].astype(int)]
    np.save(tmp_path / "logits-dev.npy", teacher)
    found = run(bench, bench.add(length=16), teacher=tmp_path)
    (file,) = found.files
    score = 100 * np.mean(student.argmax(axis=1) == gold[:, 0])
    assert found.kept_of_teacher.percent == pytest.approx(score)
    assert file.kept_of_teacher == found.kept_of_teacher, "the same answers, the same draws"
    assert (file.kept_of_student.percent, file.kept_of_student.low) == (100, 100)
    assert Scores.load(bench.out / "scores.json") == found


def test_without_a_teacher_nothing_is_said_of_one(bench):
    found = run(bench, bench.add(length=16))
    assert found.kept_of_teacher is None and found.files[0].kept_of_teacher is None
    assert json.loads((bench.out / "scores.json").read_text())["kept_of_teacher"] is None


def test_a_teacher_of_other_rows_is_refused(bench, tmp_path):
    with pytest.raises(UserError, match="not there"):
        run(bench, bench.add(length=16), teacher=tmp_path)
    np.save(tmp_path / "logits-dev.npy", np.zeros((3, 2), np.float32))
    with pytest.raises(UserError, match=r"\(3, 2\), not the teacher's answers \(40, 2\)"):
        run(bench, bench.add(length=16), teacher=tmp_path)
