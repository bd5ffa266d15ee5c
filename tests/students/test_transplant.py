import numpy as np
import pytest
import tiny
import torch

from converters import encoder_weights
from edgebert import students
from edgebert.errors import UserError
from edgebert.models.load import load
from edgebert.students.importance import measure
from edgebert.students.layer_map import layer_map
from edgebert.students.transplant import transplant
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Row
from edgebert.training.batches import Collate


@pytest.fixture(scope="module")
def batches(teacher_folder):
    encoder = TextEncoder(teacher_folder / "tokenizer.json", 16)
    rows = [Row(text, None, (float(label == "positive"),)) for text, label in tiny.reviews()]
    items = [(i, t, np.float32(r.targets)) for i, (t, r) in enumerate(zip(encoder.encode(rows), rows, strict=True))]
    return [Collate(encoder.pad_id)(items[at : at + 48]) for at in range(0, len(items), 48)]


def student_of(folder, name, labels=("negative", "positive")):
    torch.manual_seed(0)
    return students.architecture(name).build(name, students.Context(folder, labels))


def taken_from(folder, name, batches):
    teacher = encoder_weights.read(load(folder).model)
    student = student_of(folder, name)
    layers = layer_map("uniform", student.depth, len(teacher.layers))
    return student, transplant(teacher, measure(teacher, batches), student.model, layers)


@torch.no_grad()
def logits(model, batches):
    return torch.cat([model(batch).logits for batch in batches])


def accuracy(model, batches):
    labels = torch.cat([batch.targets[:, 0] for batch in batches])
    return float((logits(model, batches).argmax(1) == labels).float().mean())


def test_a_student_of_the_teachers_own_size_is_the_teacher(teacher_folder, batches):
    student, start = taken_from(teacher_folder, "bert-2-32", batches)
    assert start.layers == (0, 1) and start.residual.tolist() == list(range(32))
    assert (logits(student, batches) - logits(load(teacher_folder), batches)).abs().max() < 1e-5


def test_roberta_too_but_for_its_positions(tmp_path):
    folder = tiny.save_checkpoint(tmp_path / "roberta", "roberta", labels=("negative", "positive"))
    encoder = TextEncoder(folder / "tokenizer.json", 16)
    tokens = encoder.encode([Row(text) for text, _ in tiny.reviews()[:32]])
    batches = [Collate(encoder.pad_id)([(i, t, -1) for i, t in enumerate(tokens)])]
    student, _ = taken_from(folder, "bert-2-32", batches)
    assert (logits(student, batches) - logits(load(folder), batches)).abs().max() < 1e-5


def test_a_narrower_student_starts_better_than_a_random_one(teacher_folder, batches):
    found, start = taken_from(teacher_folder, "bert-1-24", batches)
    assert start.layers == (1,) and len(start.residual) == 24
    assert accuracy(student_of(teacher_folder, "bert-1-24"), batches) < 0.7
    assert accuracy(found, batches) > 0.75


def test_a_student_is_taken_from_the_layers_it_is_told(teacher_folder, batches):
    weights = encoder_weights.read(load(teacher_folder).model)
    found = []
    for layer in (0, 1):
        student = student_of(teacher_folder, "bert-1-32")
        start = transplant(weights, measure(weights, batches), student.model, (layer,))
        found.append(student.model.bert.encoder.layer[0].intermediate.dense.weight)
        assert start.layers == (layer,) and torch.equal(found[-1], weights.layers[layer].up.weight)
    assert not torch.equal(*found)


def test_units_that_are_silent_are_left_out(teacher_folder, batches):
    model = load(teacher_folder)
    silent = torch.arange(0, 32, 4)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "LayerNorm" in name:
                parameter[silent] = 0
        layer = model.model.bert.encoder.layer[1]
        layer.output.dense.weight[:, :64] = 0
        layer.attention.self.query.weight[::2] = 0
        layer.attention.self.query.bias[::2] = 0
    weights = encoder_weights.read(model.model)
    importance = measure(weights, batches)
    assert importance.residual[silent].max() == 0
    assert importance.neuron[1, :64].max() == 0 < importance.neuron[1, 64:].max()
    assert importance.query_key[1, ::2].max() == 0 < importance.query_key[1, 1::2].min()
    student = student_of(teacher_folder, "bert-1-16")
    start = transplant(weights, importance, student.model, (1,))
    assert not set(start.residual.tolist()) & set(silent.tolist())
    queries = student.model.bert.encoder.layer[0].attention.self.query.weight
    expected = layer.attention.self.query.weight[1::2][:, start.residual] / 2**0.5
    assert torch.allclose(queries, expected)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("bert-3-16", "the student's layers is 3 and the teacher's 2"),
        ("bert-1-64", "the student's hidden size is 64 and the teacher's 32"),
        ("tinybert-4", "the student's layers is 4 and the teacher's 2"),
    ],
)
def test_a_student_larger_than_its_teacher_is_refused(name, what, teacher_folder, batches):
    with pytest.raises(UserError) as error:
        taken_from(teacher_folder, name, batches)
    assert what in error.value.what
    assert error.value.fix == "Choose a smaller --student, or --init random."


def test_heads_wider_than_what_they_are_taken_from_are_refused(teacher_folder, batches):
    from edgebert.recipes.options import DistillOptions

    wide = "bert-1-24-heads1"  # 24 of 2 x 16
    assert taken_from(teacher_folder, wide, batches)[0].config.num_attention_heads == 1
    folder = tiny.save_checkpoint(teacher_folder.parent / "three", labels=("a", "b"), hidden_size=36,
                                  num_attention_heads=3)  # fmt: skip
    students.check_start(DistillOptions(student="bert-1-24-heads2"), folder)
    with pytest.raises(UserError, match="a head of the student has 16 dimensions, and the 1 of the teacher's"):
        students.check_start(DistillOptions(student="bert-1-32-heads2"), folder)


def test_the_head_that_writes_least_is_left_over(tmp_path, batches):
    folder = tiny.save_checkpoint(tmp_path / "three", labels=("a", "b"), hidden_size=36, num_attention_heads=3)
    model = load(folder)
    attention = model.model.bert.encoder.layer[0].attention
    with torch.no_grad():
        attention.output.dense.weight[:, 12:24] *= 1e-3
    weights = encoder_weights.read(model.model)
    student = student_of(folder, "bert-1-24-heads2-relu")
    start = transplant(weights, measure(weights, batches), student.model, (0,))
    own = student.model.bert.encoder.layer[0].attention.self
    for part in ("query", "key", "value"):
        theirs = getattr(attention.self, part).weight[:, start.residual]
        assert torch.allclose(getattr(own, part).weight, torch.cat([theirs[:12], theirs[24:]]))
    assert student.config.hidden_act == "relu"
