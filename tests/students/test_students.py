"""Students by name: their sizes, and what they take over from their teacher."""

import pytest
import tiny
import torch

from edgebert import students
from edgebert.errors import UserError
from edgebert.students.architectures import tinybert
from edgebert.students.architectures.bert import Size, of_size

BERT_BASE = {
    "vocab_size": 30522, "max_position_embeddings": 512, "num_attention_heads": 12, "hidden_size": 768,
    "num_hidden_layers": 12, "intermediate_size": 3072,
}  # fmt: skip


@pytest.fixture(scope="module")
def bert_base(tmp_path_factory):
    """A folder with the configuration of BERT-base and no weights: all that an architecture asks of its teacher."""
    from transformers import BertConfig

    folder = tmp_path_factory.mktemp("bert-base")
    BertConfig(**BERT_BASE).save_pretrained(folder)
    return students.Context(folder, ("negative", "positive"))


@pytest.mark.parametrize(
    ("size", "encoder", "gigamacs"),
    [
        (tinybert.SIZES["tinybert-4"], 14_350_248, 0.624),
        (tinybert.SIZES["tinybert-6"], 66_955_008, 5.59),
        (Size(12, 768, 3072, 12), 109_482_240, 11.17),
    ],
    ids=["tinybert-4", "tinybert-6", "bert-base"],
)
def test_sizes_are_those_of_the_papers(size, encoder, gigamacs, bert_base):
    with torch.device("meta"):
        student = of_size(size, bert_base)
    classifier = 2 * size.hidden + 2
    # The table of sizes counts token types and pooler, as BERT's own does.
    assert sum(p.numel() for p in student.parameters()) == encoder + classifier
    products = 4 * size.hidden**2 + 2 * size.hidden * size.intermediate
    assert size.layers * (128 * products + 2 * 128**2 * size.hidden) == pytest.approx(gigamacs * 1e9, rel=2e-3)


@pytest.mark.parametrize(
    ("name", "encoder", "gigamacs"), [("mobilebert", 24_581_888, 2.69), ("mobilebert-tiny", 15_485_696, 1.54)]
)
def test_mobileberts_are_those_of_the_paper(name, encoder, gigamacs, bert_base):
    with torch.device("meta"):
        student = students.architecture(name).build(name, bert_base)
    counts = student.counts(128)
    assert counts.parameters == encoder + 2 * 512 + 2
    assert counts.macs == pytest.approx(gigamacs * 1e9, rel=4e-3)


def test_a_student_larger_than_its_teacher_is_refused_by_the_sizes_alone(teacher_folder):
    from edgebert.recipes.options import DistillOptions

    students.check_start(DistillOptions(student="bert-2-32"), teacher_folder)
    students.check_start(DistillOptions(student="tinybert-6", init="random"), teacher_folder)
    students.check_start(DistillOptions(student="mobilebert"), teacher_folder)
    students.check_start(DistillOptions(student="bilstm"), teacher_folder)
    with pytest.raises(UserError, match="the student's hidden size is 64 and the teacher's 32"):
        students.check_start(DistillOptions(student="bert-2-64"), teacher_folder)


def test_a_teacher_that_nothing_can_be_taken_from_is_refused_at_once(tmp_path):
    from edgebert.recipes.options import DistillOptions

    folder = tiny.save_checkpoint(tmp_path / "m", "mobilebert")
    for name in ("bert-1-16", "mobilebert", "ib-bert"):
        with pytest.raises(UserError, match="cannot take a student out of a 'mobilebert' teacher"):
            students.check_start(DistillOptions(student=name), folder)
    students.check_start(DistillOptions(student="bilstm"), folder)


def test_pairs_of_a_teacher_without_token_types_are_no_work_for_a_bilstm(tmp_path):
    folder = tiny.save_checkpoint(tmp_path / "roberta", "roberta", labels=("a", "b"))
    found = students.architecture("bilstm")
    assert found.build("bilstm", students.Context(folder, ("a", "b"))).graph_inputs == ("input_ids", "attention_mask")
    with pytest.raises(UserError, match="--student bilstm reads the texts of a pair apart"):
        found.build("bilstm", students.Context(folder, ("a", "b"), has_pair=True))


def test_counts_of_a_built_student(bert_base):
    counts = students.architecture("tinybert-4").build("tinybert-4", bert_base).counts(128)
    assert counts.parameters == 14_350_248 + 2 * 312 + 2
    assert counts.macs == pytest.approx(0.624e9, rel=2e-3)


def test_multiply_adds_are_those_that_are_counted_in_a_run(teacher_folder):
    from edgebert.models.load import load

    model, length = load(teacher_folder), 16
    counted = 0

    def count(module, inputs, output):
        nonlocal counted
        counted += output.numel() * module.in_features

    layers = [m for n, m in model.named_modules() if isinstance(m, torch.nn.Linear) and ".layer." in n]
    for layer in layers:
        layer.register_forward_hook(count)
    ids = torch.ones(1, length, dtype=torch.long)
    model.model(input_ids=ids)
    attention = 2 * 2 * length * length * 32  # two layers, scores and what is done with them
    assert model.counts(length).macs == counted + attention


@pytest.mark.parametrize(
    ("name", "heads"), [("bert-2-128", 4), ("bert-3-384", 12), ("bert-4-256", 4), ("bert-6-312", 12), ("bert-1-30", 6)]
)
def test_heads_divide_the_width_and_the_teachers_heads(name, heads, bert_base):
    with torch.device("meta"):
        config = students.architecture(name).build(name, bert_base).config
    _, layers, hidden = name.split("-")
    assert (config.num_hidden_layers, config.hidden_size) == (int(layers), int(hidden))
    assert (config.num_attention_heads, config.intermediate_size) == (heads, 4 * int(hidden))
    assert config.id2label == {0: "negative", 1: "positive"}


@pytest.mark.parametrize(
    ("family", "activation"),
    [("distilbert", {"activation": "relu"}), ("roberta", {"hidden_act": "relu"}), ("electra", {"hidden_act": "relu"})],
)
def test_vocabulary_positions_and_activation_are_the_teachers(family, activation, tmp_path):
    folder = tiny.save_checkpoint(tmp_path / family, family, labels=("a", "b"), **activation)
    config = students.architecture("bert-1-16").build("bert-1-16", students.Context(folder, ("a", "b"))).config
    assert config.hidden_act == "relu"
    assert config.max_position_embeddings == tiny.POSITIONS
    assert config.vocab_size > 90


def test_none_is_the_teacher_itself(teacher_folder):
    from edgebert.models.load import load

    found = students.architecture("none").build("none", students.Context(teacher_folder, ("negative", "positive")))
    expected = load(teacher_folder).state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in found.state_dict().items())


@pytest.mark.parametrize(
    ("name", "near"),
    [("tinybert4", "tinybert-4"), ("tiny-bert-6", "tinybert-6"), ("bert-6_384", "bert-6-384"), ("non", "none")],
)
def test_an_unknown_student_gets_the_nearest_names(name, near):
    with pytest.raises(UserError) as error:
        students.architecture(name)
    assert error.value.what == f"--student {name}: there is no such thing."
    assert near in error.value.fix


def test_a_student_of_no_layers_is_refused(bert_base):
    with pytest.raises(UserError, match="layers, width, FFN and heads must be above 0"):
        students.architecture("bert-0-16").build("bert-0-16", bert_base)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("bert-4-320-heads5-relu", (4, 320, 1280, 5, "relu")),
        ("bert-4-312-ffn1200-gelu", (4, 312, 1200, 12, "gelu")),
        ("bert-3-384-ffn1000-heads6", (3, 384, 1000, 6, "gelu")),
    ],
)
def test_what_differs_stands_in_the_name(name, wanted, bert_base):
    with torch.device("meta"):
        config = students.architecture(name).build(name, bert_base).config
    assert wanted == (
        config.num_hidden_layers, config.hidden_size, config.intermediate_size, config.num_attention_heads,
        config.hidden_act,
    )  # fmt: skip


def test_heads_must_divide_the_width(bert_base):
    with pytest.raises(UserError, match="5 heads do not divide a width of 312"):
        students.architecture("bert-4-312-heads5").build("bert-4-312-heads5", bert_base)
    with pytest.raises(UserError, match="Did you mean"):
        students.architecture("bert-4-320-relu-heads5")
