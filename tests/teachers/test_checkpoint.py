import json

import pytest
import tiny

from edgebert.errors import UserError
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Row
from edgebert.teachers.checkpoint import look, positions, write_tokenizer


def test_a_classifier_says_its_labels_in_the_order_of_their_ids(tmp_path):
    names = [f"class {i}" for i in range(12)]
    found = look(str(tiny.save_checkpoint(tmp_path, labels=names)))
    assert found.labels == tuple(names)
    assert (found.family, found.is_classifier, found.positions, found.licence) == ("bert", True, tiny.POSITIONS, None)


def test_a_bare_encoder_has_none(encoder_folder):
    found = look(str(encoder_folder), name="my encoder")
    assert (found.labels, found.is_classifier, found.name) == (None, False, "my encoder")


def test_labels_without_names_are_numbered(tmp_path):
    folder = tiny.save_checkpoint(tmp_path, labels=("a", "b", "c"))
    config = json.loads((folder / "config.json").read_text())
    del config["id2label"], config["label2id"]
    (folder / "config.json").write_text(json.dumps(config | {"num_labels": 3}))
    assert look(str(folder)).labels == ("LABEL_0", "LABEL_1", "LABEL_2")


def test_the_licence_is_the_model_cards(tmp_path):
    folder = tiny.save_checkpoint(tmp_path)
    (folder / "README.md").write_text("---\nlanguage: en\nlicense: apache-2.0\n---\n# A model\n")
    assert look(str(folder)).licence == "apache-2.0"


@pytest.mark.parametrize(
    ("config", "most"),
    [
        ({"model_type": "bert", "max_position_embeddings": 512, "pad_token_id": 0}, 512),
        ({"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": 1}, 512),
        ({"model_type": "camembert", "max_position_embeddings": 514}, 512),
        ({"model_type": "t5"}, None),
    ],
)
def test_positions(config, most):
    assert positions(config) == most


def test_a_name_that_is_nowhere(tmp_path):
    with pytest.raises(UserError) as error:
        look("nobody/no-such-model")
    assert "'nobody/no-such-model' is neither a local folder nor a checkpoint" in error.value.what
    assert "--teacher" in error.value.fix


def test_a_vocabulary_becomes_a_tokenizer(tmp_path):
    folder = tiny.save_checkpoint(tmp_path / "model")
    rows = [Row("the film was superb xyz", "bad plot")]
    with_json = TextEncoder(folder / "tokenizer.json", 16).encode(rows)
    (folder / "tokenizer.json").unlink()
    write_tokenizer(look(str(folder)), tmp_path / "tokenizer.json")
    assert TextEncoder(tmp_path / "tokenizer.json", 16).encode(rows) == with_json


def test_digests_change_with_the_files(tmp_path):
    folder = tiny.save_checkpoint(tmp_path / "model")
    before = look(str(folder)).digests("config.json", "*.safetensors")
    assert set(before) == {"config.json", "model.safetensors"}
    tiny.save_checkpoint(folder, seed=1)
    after = look(str(folder)).digests("config.json", "*.safetensors")
    assert after["config.json"] == before["config.json"] and after["model.safetensors"] != before["model.safetensors"]
