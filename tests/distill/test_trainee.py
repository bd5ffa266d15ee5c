from pathlib import Path

import numpy as np
import pytest
import torch
from tiny import reviews

from edgebert import students
from edgebert.distill.features import Features, TeacherOutputs
from edgebert.distill.method import Setting, general_phases, phases
from edgebert.distill.trainee import Trainee
from edgebert.errors import UserError
from edgebert.recipes.options import DistillOptions
from edgebert.tasks.kinds import classes
from edgebert.tasks.task import Task
from edgebert.training.batches import BatchRows, Collate
from edgebert.training.predict import predict

TASK = Task(Path(), "reviews", "classes", ("negative", "positive"), False, {})


@pytest.fixture
def student(teacher_folder):
    torch.manual_seed(0)
    context = students.Context(teacher_folder, ("negative", "positive"))
    return students.architecture("bert-2-16").build("bert-2-16", context)


def phases_of(student, teacher, **options):
    setting = Setting(options=DistillOptions(**options), kind=classes, depth=2, widths=(16, 32))
    return phases(setting, student, teacher)


def trainees_of(student, teacher, rows, encoder, name, kept=None, **options):
    """The trainee of each phase of a method, made when its turn comes."""
    logits = predict(lambda batch: teacher(batch).logits, rows, encoder.pad_id, 2)
    for phase in phases_of(student, teacher, method=name, **options):
        outputs = TeacherOutputs(teacher, logits, Features.answering(phase, (0, 1)), None)
        yield Trainee(student, outputs, phase, kept, (16, 32), TASK.standard)


def some(rows, encoder, places=range(8)):
    items = BatchRows(rows)
    return Collate(encoder.pad_id)([items[int(i)] for i in places])


def test_a_projection_begins_as_the_dimensions_that_were_kept(student, teacher, rows, encoder):
    kept = torch.arange(1, 32, 2)
    (trainee,) = trainees_of(student, teacher, rows, encoder, "hidden", kept)
    hidden = torch.randn(2, 5, 16)
    assert len(trainee.projections) == 3
    for projection in trainee.projections:
        there = projection(hidden)
        assert torch.equal(there[..., kept], hidden)
        assert (there[..., ::2] == 0).all()


@pytest.mark.parametrize("name", ["hidden", "tinybert", "mobilebert"])
def test_the_teacher_is_not_trained(name, student, teacher, rows, encoder):
    trainee = next(trainees_of(student, teacher, rows, encoder, name))
    trainee(some(rows, encoder)).backward()
    assert all(parameter.grad is None for parameter in teacher.parameters())
    assert all(p.grad is not None for p in trainee.projections.parameters())
    names = {name.split(".")[0] for name, _ in trainee.named_parameters()}
    assert names == {"student", "projections"}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("logits", {}), ("logits-mse", {}), ("hidden", {}), ("tinybert", {}),
        *(("mobilebert", {"schedule": schedule}) for schedule in ("auxiliary", "joint", "progressive")),
    ],
    ids=["logits", "logits-mse", "hidden", "tinybert", "auxiliary", "joint", "progressive"],
)  # fmt: skip
def test_a_student_comes_to_answer_as_its_teacher(student, teacher, rows, encoder, name, options):
    options |= {"hard_label_share": 0.0, "hidden_weight": 0.01 if name == "mobilebert" else 1.0}
    for trainee in trainees_of(student, teacher, rows, encoder, name, **options):
        learning = [parameter for parameter in trainee.parameters() if parameter.requires_grad]
        optimizer = torch.optim.AdamW(learning, lr=5e-3)
        trainee.train()
        first = last = None
        for step in range(80):
            places = np.random.default_rng(step).permutation(160)[:16]
            loss = trainee(some(rows, encoder, places))
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            first, last = first or loss.item(), loss.item()
        assert last < first
        assert set(trainee.phase.needs) <= student.provides
    student.eval()
    asked = [predict(lambda batch, m=m: m(batch).logits, rows, encoder.pad_id, 2) for m in (student, teacher)]
    assert (asked[0].argmax(1) == asked[1].argmax(1))[160:].mean() > 0.9
    assert len(reviews()) == len(rows)


def shape(student, teacher, **options):
    return [
        (p.name, round(p.epochs, 3), p.logits, p.states, p.attentions, p.projected)
        for p in phases_of(student, teacher, epochs=3, intermediate_epochs=4, **options)
    ]


def test_phases_of_each_method(student, teacher):
    logits = ("logits", 3, True, (), (), True)
    assert shape(student, teacher, method="logits") == [logits]
    assert shape(student, teacher, method="hidden") == [("hidden", 3, True, (0, 1, 2), (), True)]
    assert shape(student, teacher, method="tinybert") == [
        ("intermediate", 4, False, (0, 1, 2), (0, 1), True), logits,
    ]  # fmt: skip
    for terms, states, scores in (
        (("embeddings",), (0,), ()), (("hidden", "attention"), (1, 2), (0, 1)), (("attention",), (), (0, 1))
    ):  # fmt: skip
        first, _ = shape(student, teacher, method="tinybert", tinybert_terms=terms)
        assert first == ("intermediate", 4, False, states, scores, True)
    assert shape(student, teacher, method="tinybert", tinybert_terms=()) == [logits]
    assert shape(student, teacher, method="mobilebert", schedule="joint") == [
        ("joint", 4, False, (1, 2), (0, 1), True), logits,
    ]  # fmt: skip
    assert shape(student, teacher, method="mobilebert", schedule="auxiliary") == [
        ("auxiliary", 3, True, (1, 2), (0, 1), True)
    ]
    assert shape(student, teacher, method="mobilebert") == [
        ("layer-1", 2, False, (1,), (0,), True), ("layer-2", 2, False, (2,), (1,), True), logits,
    ]  # fmt: skip
    without = [p.name for name in ("tinybert", "mobilebert")
               for p in phases_of(student, teacher, method=name, intermediate_epochs=0)]  # fmt: skip
    assert without == ["logits", "logits"]


def test_layers_take_turns(student, teacher, rows, encoder):
    first, second, last = trainees_of(student, teacher, rows, encoder, "mobilebert")
    names = {name: name for name, _ in student.named_parameters()}
    rates = lambda part: {second.rate(f"student.{name}") for name in names if part in name}  # noqa: E731
    assert rates("layer.0.") == rates("embeddings") == {0.1} and rates("layer.1.") == {1.0}
    assert second.rate("projections.0.weight") == last.rate("student.model.classifier.weight") == 1.0
    for trainee, frozen in ((first, "layer.1."), (second, None)):
        trainee.__init__(student, trainee.teacher, trainee.phase, None, (16, 32), TASK.standard)
        for name, parameter in student.named_parameters():
            assert parameter.requires_grad == (frozen is None or frozen not in name)


def test_a_teacher_of_the_students_width_is_compared_as_it_is(student):
    setting = Setting(
        options=DistillOptions(method="mobilebert", schedule="joint"), kind=classes, depth=2, widths=(16, 16)
    )
    assert not phases(setting, student, student)[0].projected


def test_general_distillation_takes_the_phases_without_logits(student, teacher):
    options = DistillOptions(method="mobilebert", general_epochs=5)
    found = general_phases(phases_of(student, teacher, method="mobilebert", intermediate_epochs=0.5), options)
    assert [(p.name, p.epochs) for p in found] == [("layer-1", 2.5), ("layer-2", 2.5)]
    options = DistillOptions(method="hidden", general_epochs=5)
    with pytest.raises(UserError, match=r"--general-epochs 5 needs phases .* --method hidden has none") as error:
        general_phases(phases_of(student, teacher, method="hidden"), options)
    assert "--method tinybert" in error.value.fix


class Mute:
    provides = frozenset({"logits"})


def test_a_method_names_what_is_not_provided(student, teacher):
    setting = Setting(options=DistillOptions(student="bort", method="hidden"), kind=classes, depth=0, widths=(0, 0))
    with pytest.raises(UserError) as error:
        phases(setting, Mute(), teacher)
    assert error.value.what == "--method hidden needs hidden_states, which --student bort does not provide."
    with pytest.raises(UserError) as error:
        phases_of(student, Mute(), method="tinybert")
    expected = "--method tinybert needs attention_scores, hidden_states, which the teacher does not provide."
    assert (error.value.what, error.value.fix) == (expected, "Choose another method, or another teacher.")
    with pytest.raises(UserError, match="--method hiden: there is no such thing"):
        phases_of(student, teacher, method="hiden")
