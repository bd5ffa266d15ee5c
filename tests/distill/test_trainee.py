from pathlib import Path

import numpy as np
import pytest
import torch
from tiny import reviews

from edgebert import students
from edgebert.distill.features import TeacherOutputs
from edgebert.distill.method import method
from edgebert.distill.trainee import Trainee
from edgebert.errors import UserError
from edgebert.recipes.options import DistillOptions
from edgebert.students.transplant import Start
from edgebert.tasks.task import Task
from edgebert.training.batches import BatchRows, Collate
from edgebert.training.predict import predict

TASK = Task(Path(), "reviews", "classes", ("negative", "positive"), False, {})


@pytest.fixture
def student(teacher_folder):
    torch.manual_seed(0)
    context = students.Context(teacher_folder, ("negative", "positive"))
    return students.architecture("bert-2-16").build("bert-2-16", context)


def trainee_of(student, teacher, rows, encoder, name, start=None, **options):
    logits = predict(lambda batch: teacher(batch).logits, rows, encoder.pad_id, 2)
    states = (0, 1, 2) if name == "hidden" else ()
    options = DistillOptions(**options)
    outputs = TeacherOutputs(teacher, logits, states, None)
    start = start or Start((0, 1), None)
    return Trainee(student, outputs, method(name, student, "x"), options, start, (16, 32), len(states), TASK)


def test_a_projection_begins_as_the_dimensions_that_were_kept(student, teacher, rows, encoder):
    kept = torch.arange(1, 32, 2)
    trainee = trainee_of(student, teacher, rows, encoder, "hidden", Start((0, 1), kept))
    hidden = torch.randn(2, 5, 16)
    for projection in trainee.projections:
        there = projection(hidden)
        assert torch.equal(there[..., kept], hidden)
        assert (there[..., ::2] == 0).all()


def test_the_teacher_is_not_trained(student, teacher, rows, encoder):
    trainee = trainee_of(student, teacher, rows, encoder, "hidden")
    items = BatchRows(rows)
    trainee(Collate(encoder.pad_id)([items[i] for i in range(8)])).backward()
    assert all(parameter.grad is None for parameter in teacher.parameters())
    assert all(p.grad is not None for p in trainee.projections.parameters())
    names = {name.split(".")[0] for name, _ in trainee.named_parameters()}
    assert names == {"student", "projections"}


@pytest.mark.parametrize("name", ["logits", "hidden"])
def test_a_student_comes_to_answer_as_its_teacher(student, teacher, rows, encoder, name):
    trainee = trainee_of(student, teacher, rows, encoder, name, hard_label_share=0.0)
    optimizer = torch.optim.AdamW(trainee.parameters(), lr=5e-3)
    items, collate = BatchRows(rows), Collate(encoder.pad_id)
    trainee.train()
    for step in range(80):
        places = np.random.default_rng(step).permutation(160)[:16]
        trainee(collate([items[int(i)] for i in places])).backward()
        optimizer.step()
        optimizer.zero_grad()
    student.eval()
    asked = [predict(lambda batch, m=m: m(batch).logits, rows, encoder.pad_id, 2) for m in (student, teacher)]
    assert (asked[0].argmax(1) == asked[1].argmax(1))[160:].mean() > 0.9
    assert len(reviews()) == len(rows)


def test_a_method_names_what_the_student_does_not_provide(student):
    class Mute:
        provides = frozenset({"logits"})

    with pytest.raises(UserError) as error:
        method("hidden", Mute(), "bort")
    assert error.value.what == "--method hidden needs hidden_states, which --student bort does not provide."
    with pytest.raises(UserError, match="--method hiden: there is no such thing"):
        method("hiden", student, "bert-2-16")
