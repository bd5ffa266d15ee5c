import numpy as np
import pytest
import tiny
import torch

from edgebert.errors import UserError
from edgebert.models.evaluate import Evaluation
from edgebert.models.load import load
from edgebert.models.scores import ModelScores
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.task import Task


def test_a_bare_encoder_gets_a_head_for_its_labels(encoder_folder):
    model = load(encoder_folder, ("bad", "good", "plain"))
    assert model.config.id2label == {0: "bad", 1: "good", 2: "plain"} and model.config.num_labels == 3
    assert not model.training and next(model.parameters()).dtype == torch.float32


def test_an_encoder_saved_without_its_pooler_is_whole(tmp_path):
    from safetensors.torch import load_file, save_file

    folder = tiny.save_checkpoint(tmp_path)
    weights = {k: v for k, v in load_file(folder / "model.safetensors").items() if "pooler" not in k}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    assert load(folder, ("bad", "good")).width == 32
    weights.pop("encoder.layer.0.output.dense.weight")
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(UserError, match=r"lacks 1 of its weights, bert\.encoder\.layer\.0\.output\.dense\.weight"):
        load(folder, ("bad", "good"))


def test_half_precision_is_read_as_float32(tmp_path, teacher_folder):
    from transformers import AutoModelForSequenceClassification

    AutoModelForSequenceClassification.from_pretrained(teacher_folder, dtype=torch.float16).save_pretrained(tmp_path)
    assert {p.dtype for p in load(tmp_path).parameters()} == {torch.float32}


def test_hidden_states_are_the_embeddings_and_every_layer(teacher_folder):
    from edgebert.training.batches import Batch

    ids = torch.randint(5, 90, (3, 7))
    batch = Batch(ids, torch.ones_like(ids), torch.zeros_like(ids), torch.zeros(3), torch.arange(3))
    model = load(teacher_folder)
    assert model(batch).hidden_states is None
    states = model(batch, frozenset({"hidden_states"})).hidden_states
    assert [state.shape for state in states] == [(3, 7, 32)] * 3
    assert (model.depth, model.width, model.provides) == (2, 32, {"logits", "hidden_states", "attention_scores"})


@pytest.fixture
def task(teacher_folder, tmp_path):
    folder = tmp_path / "task"
    folder.mkdir()
    rows = [Row(text, None, (float(label == "positive"),)) for text, label in tiny.reviews()]
    Rows.write(folder / "select.arrow", rows[:20])
    Rows.write(folder / "dev.arrow", [*rows[20:60], Row(rows[60].text)])
    (folder / "tokenizer.json").write_bytes((teacher_folder / "tokenizer.json").read_bytes())
    return Task(folder, "reviews", "classes", ("negative", "positive"), False, {"select": 20, "dev": 41})


def test_scores_are_points_and_an_unlabelled_dev_has_none(task, teacher_folder, tmp_path):
    evaluation = Evaluation(task, 16, tmp_path / "scratch")
    model = load(teacher_folder)
    assert evaluation.select(model) == 100
    assert evaluation.dev(model, tmp_path / "logits.npy") is None
    assert np.load(tmp_path / "logits.npy").shape == (41, 2)
    with torch.no_grad():
        model.model.classifier.weight.neg_()
        model.model.classifier.bias.neg_()
    assert evaluation.select(model) == 0


def test_scores_survive_a_journey_to_disk(tmp_path):
    scores = ModelScores(
        name="x", architecture="bert", source="y", parameters=3, macs=None, max_length=8, metric="accuracy",
        rows={"dev": 4}, dev=99.5,
    )  # fmt: skip
    scores.save(tmp_path)
    assert ModelScores.load(tmp_path) == scores
