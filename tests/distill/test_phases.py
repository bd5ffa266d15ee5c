"""Phases one after the other: steps, kills, and what is left on disk."""

from pathlib import Path

import numpy as np
import pytest
import torch

from edgebert import students
from edgebert.distill import phases as module
from edgebert.distill.method import Setting, phases
from edgebert.distill.phases import Lesson, learn, steps_of
from edgebert.errors import UserError
from edgebert.models.load import load
from edgebert.recipes.options import DistillOptions
from edgebert.students.transplant import Start
from edgebert.tasks.kinds import classes
from edgebert.tasks.task import Task
from edgebert.training import loop
from edgebert.training.predict import predict


class Killed(Exception):
    """Stands for a kill."""


class Scorer:
    """Stands for the selection rows: a score that only the weights decide."""

    def __init__(self, pad_id):
        self.pad_id = pad_id
        self.task = Task(Path(), "reviews", "classes", ("negative", "positive"), False, {})

    def select(self, student):
        return student.model.classifier.weight.sum().item()


@pytest.fixture
def run(teacher_folder, rows, encoder):
    """Distil a new student in a folder, dying after so many losses; gives it and what each phase made."""
    teacher = load(teacher_folder)
    logits = predict(lambda batch: teacher(batch).logits, rows, encoder.pad_id, 2)

    def run(work, *, dies_after=10**9, **options):
        work.mkdir(exist_ok=True)
        torch.manual_seed(0)
        context = students.Context(teacher_folder, ("negative", "positive"))
        student = students.architecture("bert-2-16").build("bert-2-16", context)
        options = DistillOptions(**({"max_steps": 12, "batch_size": 8} | options))
        setting = Setting(options=options, kind=classes, depth=2, widths=(16, 32))
        left = dies_after

        def dying(loss):
            def counted(*arguments):
                nonlocal left
                left -= 1
                if left < 0:
                    raise Killed
                return loss(*arguments)

            return counted

        found = phases(setting, student, teacher)
        for phase in found:
            object.__setattr__(phase, "loss", dying(phase.loss))
        lesson = Lesson(student, teacher, Start((0, 1), None), rows, logits)
        made = learn(lesson, found, options, Scorer(encoder.pad_id), work, "learning")
        return student, made

    return run


def same(one, other):
    ours, theirs = one.state_dict(), other.state_dict()
    return all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("options", [{"method": "tinybert"}, {"method": "mobilebert"}], ids=["tinybert", "mobilebert"])
def test_a_killed_call_goes_on_in_its_phase_and_ends_with_the_same_weights(run, tmp_path, monkeypatch, options):
    expected, made = run(tmp_path / "whole", **options)
    assert sum(progress.step for progress in made) == 12
    assert [progress.best_score is None for progress in made] == [True] * (len(made) - 1) + [False]
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0.0)
    steps = [progress.step for progress in made]
    for kills in ([2], [steps[0] + 2, 1]):
        work = tmp_path / "-".join(map(str, kills))
        for dies_after in kills:
            with pytest.raises(Killed):
                run(work, dies_after=dies_after, **options)
        found, again = run(work, **options)
        assert same(found, expected), kills
        assert [progress.step for progress in again] == steps
    assert len(list(work.glob(f"*/{module.WEIGHTS}"))) == 1 and not list(work.glob("*/training"))


def test_a_finished_call_trains_nothing_and_leaves_nothing_frozen(run, tmp_path):
    made, _ = run(tmp_path, method="mobilebert")
    again, _ = run(tmp_path, method="mobilebert", dies_after=0)
    assert same(made, again)
    assert all(parameter.requires_grad for one in (made, again) for parameter in one.parameters())


@pytest.mark.parametrize("method", ["tinybert", "mobilebert"])
def test_more_steps_than_the_epochs_have_are_not_made(method, run, tmp_path):
    _, made = run(tmp_path, method=method, epochs=0.1, intermediate_epochs=0.2, max_steps=1000)
    assert sum(progress.step for progress in made) == 3 + 6


def steps(limit, *epochs, rows=100, batch_size=10):
    class Fake:
        def __init__(self, epochs):
            self.epochs, self.learning_rate = epochs, 1e-3

    return steps_of([Fake(e) for e in epochs], rows, DistillOptions(max_steps=limit, batch_size=batch_size))


def test_phases_share_the_steps():
    assert steps(None, 2, 1) == steps(30, 2, 1) == steps(99, 2, 1) == [20, 10]
    assert steps(15, 2, 1) == [10, 5]
    assert steps(7, 1) == [7]
    assert steps(3, 50, 0.1, 0.1) == [1, 1, 1]
    assert sum(steps(10, 50, 0.1, 50)) == sum(steps(4, 99, 0.1, 0.1)) + 6 == 10
    with pytest.raises(UserError, match="--max-steps 2 is less than the 3 phases of --method"):
        steps(2, 1, 1, 1)
    assert np.all(np.array(steps(60, 24, *(24 * [1.0]))) >= 1)
