"""General distillation, and methods of several phases, as a user sees them."""

import pytest
import tiny

from edgebert.files import read_json, sha256
from edgebert.models.load import load

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

LABELS = ("negative", "positive")
STUDENT = ("--student", "bert-2-16", "--method", "tinybert", "--batch-size", 16, "--init", "random")


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    texts = [(text,) for text, _ in tiny.three_classes()]
    train = tiny.write_table(folder / "train.csv", tiny.reviews())
    return train, tiny.write_table(folder / "unlabelled.csv", texts, ("text",))


@pytest.fixture
def run(tables, tmp_path):
    """A run with a teacher fine-tuned from an encoder, or brought as it is."""

    def run(teacher, *, unlabelled=True):
        train, texts = tables
        more = ("--unlabelled", texts) if unlabelled else ()
        out = tmp_path / "run"
        assert tiny.call("finetune", "--teacher", teacher, "--train", train, *more, "--epochs", 1, "--lengths", 16,
                         "--out", out) == 0  # fmt: skip
        return out

    return run


def features(student, folder):
    """Mean distance of a student's hidden states after a projection fitted by least squares, on one batch."""
    import torch

    from edgebert.tasks.encoder import TextEncoder
    from edgebert.tasks.rows import Row
    from edgebert.training.batches import Collate

    encoder = TextEncoder(folder / "tokenizer.json", 16)
    tokens = encoder.encode([Row(text) for text, _ in tiny.three_classes()[:96]])
    batch = Collate(encoder.pad_id)([(i, t, -1) for i, t in enumerate(tokens)])
    real, wanted = batch.attention_mask.bool(), frozenset({"hidden_states"})
    with torch.no_grad():
        ours, theirs = (model(batch, wanted).hidden_states[-1][real] for model in (student, load(folder, LABELS)))
    return (ours @ torch.linalg.lstsq(ours, theirs).solution - theirs).square().mean().item()


def test_the_encoder_before_fine_tuning_teaches_first(run, encoder_folder, capsys):
    out = run(encoder_folder)
    again = ("distill", out, *STUDENT, "--max-steps", 8, "--general-epochs", 4, "--intermediate-learning-rate", "5e-3")
    assert tiny.call(*again) == 0
    assert "its own encoder" not in capsys.readouterr().out
    before = (out / "general" / "stage.json").read_text()
    learnt = read_json(out / "student" / "scores.json")
    assert learnt["steps"] == 8

    import torch

    from edgebert import students

    context = students.Context(out / "teacher", LABELS)
    student = students.architecture("bert-2-16").build("bert-2-16", context)
    random = features(student, encoder_folder)
    student.load_state_dict(torch.load(out / "general" / "student.pt")["weights"])
    assert features(student, encoder_folder) < 0.9 * random

    one = sha256(out / "student" / "model.safetensors")
    assert tiny.call(*again, "--temperature", 1) == 0
    assert (out / "general" / "stage.json").read_text() == before  # not made again for another temperature
    assert sha256(out / "student" / "model.safetensors") != one


def test_without_texts_or_phases_for_it_it_is_refused(run, teacher_folder, capsys):
    out = run(teacher_folder, unlabelled=False)
    assert tiny.call("distill", out, *STUDENT, "--general-epochs", 1) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "--general-epochs 1 learns from texts without labels, and there are none" in said
    assert "--unlabelled" in said


@pytest.mark.parametrize(
    ("options", "what"), [(("--general-epochs", 1), "there are none"), (("--method", "hiden"), "Did you mean hidden?")]
)
def test_an_export_is_refused_before_any_work(options, what, teacher_folder, tables, tmp_path, capsys):
    arguments = ("export", "--teacher", teacher_folder, "--train", tables[0], "--out", tmp_path / "run")
    assert tiny.call(*arguments, *options) == 2
    assert what in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "run").exists()


def test_a_classifiers_own_encoder_teaches_and_edgebert_says_so(run, teacher_folder, capsys):
    out = run(teacher_folder)
    assert tiny.call("distill", out, *STUDENT, "--max-steps", 8, "--general-epochs", 0.2) == 0
    assert "its own encoder is the general teacher" in " ".join(capsys.readouterr().out.split())
    assert tiny.call("distill", out, "--student", "bert-2-16", "--method", "hidden", "--general-epochs", 1) == 2
    assert "--method hidden has none" in " ".join(capsys.readouterr().err.split())


def test_a_student_teaches_the_next(run, teacher_folder, tables, tmp_path):
    out = run(teacher_folder)
    assert tiny.call("distill", out, "--student", "bert-2-24", "--max-steps", 8) == 0
    train, _ = tables
    second = ("finetune", "--teacher", out / "student", "--train", train, "--lengths", 16, "--out", tmp_path / "second")
    assert tiny.call(*second) == 0
    small = ("--student", "bert-1-16", "--method", "tinybert", "--layer-map", "2", "--max-steps", 8)
    assert tiny.call("distill", tmp_path / "second", *small) == 0
    scores = read_json(tmp_path / "second" / "student" / "scores.json")
    assert scores["name"] == "bert-1-16" and scores["steps"] == 8
    assert not read_json(tmp_path / "second" / "teacher" / "scores.json")["fine_tuned"]
