import math
from pathlib import Path

import pytest
import torch

from edgebert.models.load import load
from edgebert.tasks.task import Task
from edgebert.teachers.finetune import LabelLoss
from edgebert.training import loop
from edgebert.training.loop import Plan, train

PLAN = Plan(epochs=3, batch_size=8, learning_rate=1e-3, seed=3)
STEPS = 39
"""Of 13 in each of three passes over 100 rows."""


class Killed(Exception):
    """Stands for a kill."""


TASK = Task(Path(), "reviews", "classes", ("negative", "positive"), False, {})


class DiesAt(LabelLoss):
    """A trainee that is killed in its ``step``-th call."""

    def __init__(self, model, step):
        super().__init__(model, TASK)
        self.left = step

    def forward(self, batch):
        self.left -= 1
        if self.left < 0:
            raise Killed
        return super().forward(batch)


@pytest.fixture
def run(checkpoint, rows, encoder):
    """Train a fresh model in a folder, dying after so many steps; gives its weights and the progress."""

    def run(work, *, plan=PLAN, dies_after=10**9, score=None, scored=True):
        work.mkdir(exist_ok=True)
        model = load(checkpoint)
        torch.manual_seed(torch.seed())  # a new process knows nothing of the one before
        weights = iter([weight for weight in model.parameters() if weight.ndim == 2])
        last = next(weights)
        trainee = DiesAt(model, dies_after)
        score = score or (lambda: last.sum().item()) if scored else None
        progress = train(trainee, rows, plan, encoder.pad_id, work, score=score, label="learning")
        return model.state_dict(), progress

    return run


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


def test_a_killed_training_ends_with_the_weights_of_the_unkilled_one(run, tmp_path, monkeypatch):
    expected, whole = run(tmp_path / "whole")
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0.0)
    for kills in ([5], [13], [20, 3, 1], [12, 1, 13, 1], [38]):
        work = tmp_path / "-".join(map(str, kills))
        for steps in kills:
            with pytest.raises(Killed):
                run(work, dies_after=steps)
        found, progress = run(work)
        assert (progress.step, progress.best_step) == (whole.step, whole.best_step) == (STEPS, progress.best_step)
        assert same(found, expected), kills


def test_training_that_was_not_saved_yet_begins_anew(run, tmp_path):
    expected, _ = run(tmp_path / "whole")
    with pytest.raises(Killed):
        run(tmp_path / "killed", dies_after=30)
    assert same(run(tmp_path / "killed")[0], expected)


def test_a_kill_while_a_checkpoint_is_written_falls_back_to_the_one_before(run, tmp_path, monkeypatch):
    expected, _ = run(tmp_path / "whole")
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0.0)
    with pytest.raises(Killed):
        run(tmp_path / "killed", dies_after=10)
    half = tmp_path / "killed" / "training" / "step-11"
    half.mkdir()
    (half / "model.safetensors").write_bytes(b"half")
    assert same(run(tmp_path / "killed")[0], expected)


def test_the_weights_are_those_of_the_best_evaluation(run, tmp_path):
    scores = iter([1.0, 7.0, 3.0])
    found, progress = run(tmp_path, plan=Plan(3, 8, 1e-3, 3, evaluations=3), score=lambda: next(scores))
    assert (progress.step, progress.best_score, progress.best_step) == (STEPS, 7.0, STEPS * 2 // 3)
    scores = iter([1.0, 2.0])
    monotone, _ = run(tmp_path / "other", plan=Plan(3, 8, 1e-3, 3, evaluations=2), score=lambda: next(scores))
    assert not same(found, monotone)


def test_training_learns(checkpoint, rows, encoder, tmp_path):
    model = load(checkpoint)
    trainee = LabelLoss(model, TASK)
    losses = []
    watched = torch.nn.Module.__call__
    progress = train(
        trainee, rows, Plan(6, 8, 5e-3, 0), encoder.pad_id, tmp_path, label="learning",
        score=lambda: losses.append(_accuracy(model, rows, encoder)) or losses[-1],
    )  # fmt: skip
    del watched
    assert progress.best_score == max(losses) > 95


def _accuracy(model, rows, encoder):
    from edgebert.training.predict import predict

    logits = predict(lambda batch: model(batch).logits, rows, encoder.pad_id, 2)
    return 100 * float((logits.argmax(1) == rows.targets[:, 0]).mean())


@pytest.mark.parametrize(
    ("plan", "rows", "steps"),
    [
        (Plan(3, 32, 1e-4, 0), 100, 12),
        (Plan(0.5, 32, 1e-4, 0), 100, 2),
        (Plan(0.01, 32, 1e-4, 0), 100, 1),
        (Plan(3, 32, 1e-4, 0, max_steps=5), 100, 5),
        (Plan(1, 32, 1e-4, 0, max_steps=50), 100, 4),
    ],
)
def test_steps_of_a_plan(plan, rows, steps):
    assert plan.steps(rows) == steps


def test_the_learning_rate_rises_then_falls_to_nothing():
    factor = loop._warm_up_then_linear(100, 0.1)
    assert [factor(step) for step in (0, 4, 9, 10, 55, 100)] == pytest.approx([0.1, 0.5, 1.0, 1.0, 0.5, 0.0])
    assert math.isclose(factor(99), 1 / 90)


def test_without_a_score_a_training_ends_with_its_last_weights_killed_or_not(run, tmp_path, monkeypatch):
    expected, whole = run(tmp_path / "whole", scored=False)
    assert (whole.step, whole.best_score) == (STEPS, None)
    rising = iter(range(100))
    scored, _ = run(tmp_path / "scored", score=lambda: next(rising))  # the last evaluation is the best
    assert same(scored, expected)
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0.0)
    with pytest.raises(Killed):
        run(tmp_path / "killed", scored=False, dies_after=17)
    assert same(run(tmp_path / "killed", scored=False)[0], expected)


def test_parameters_of_another_rate(model, rows, encoder, tmp_path):
    plan = Plan(1, 8, 1e-3, 0)
    groups = loop._groups(model, plan, lambda name: 0.1 if "layer.0" in name else 1.0)
    assert sorted((g["lr"], g["weight_decay"]) for g in groups) == [
        (1e-4, 0.0),
        (1e-4, 0.01),
        (1e-3, 0.0),
        (1e-3, 0.01),
    ]
    assert sum(len(g["params"]) for g in groups) == len(list(model.parameters()))
    before = {name: value.clone() for name, value in model.named_parameters()}
    for name, parameter in model.named_parameters():
        parameter.requires_grad_("layer.0" not in name)
    train(LabelLoss(model, TASK), rows, plan, encoder.pad_id, tmp_path, score=None, label="learning",
          rate=lambda name: 0.05 if "layer.1" in name else 1.0)  # fmt: skip
    moved = {name: (value - before[name]).abs().max().item() for name, value in model.named_parameters()}
    assert {name for name, by in moved.items() if by == 0} == {name for name in moved if "layer.0" in name}
    slow = max(by for name, by in moved.items() if "layer.1" in name)
    assert slow < 0.2 * max(by for name, by in moved.items() if "classifier" in name)


def test_biases_and_norms_are_not_decayed(model):
    decayed, free = loop._groups(model, Plan(1, 8, 1e-3, 0, weight_decay=0.01), lambda name: 1.0)
    assert decayed["weight_decay"] == 0.01 and free["weight_decay"] == 0.0
    assert {p.ndim for p in decayed["params"]} == {2} and {p.ndim for p in free["params"]} == {1}
    assert len(decayed["params"]) + len(free["params"]) == len(list(model.parameters()))
