"""The hub cannot be reached here: what `datasets` would load from it stands in for it."""

import datasets
import pytest

from edgebert.errors import UserError
from edgebert.tasks.readers import open_table

FEATURES = datasets.Features({"sentence": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])})


def split(*texts):
    return datasets.Dataset.from_dict({"sentence": list(texts), "label": [1] * len(texts)}, features=FEATURES)


@pytest.fixture
def hub(monkeypatch):
    asked = []
    found = datasets.DatasetDict(train=split("a", "b"), validation=split("c"), extra=split("d"))
    monkeypatch.setattr("datasets.load_dataset", lambda *names: asked.append(names) or found)
    return asked


def texts(ref, role):
    table = open_table(ref, role, f"--{role}")
    return [values[0] for _, values in table.records(("sentence", "label"))]


def test_a_hub_id_gives_the_split_that_is_meant(hub):
    assert texts("stanfordnlp/sst2", "train") == ["a", "b"]
    assert texts("glue:sst2", "dev") == ["c"]
    assert texts("nyu-mll/glue:sst2@extra", "train") == ["d"]
    assert hub == [("stanfordnlp/sst2", None), ("glue", "sst2"), ("nyu-mll/glue", "sst2")]


def test_class_names_and_rows_are_told(hub):
    table = open_table("stanfordnlp/sst2", "train", "--train")
    assert table.classes == {"label": ("neg", "pos")}
    assert table.at(2) == "stanfordnlp/sst2, row 2"


def test_a_split_that_is_not_there_is_told(hub):
    with pytest.raises(UserError) as error:
        open_table("sst2@tran", "train", "--train")
    assert error.value.what == "--train sst2@tran: the data set has no split tran."
    assert "Its splits are: train, validation, extra" in error.value.fix


def test_no_network_is_told(monkeypatch):
    def refuse(*_):
        raise ConnectionError("Couldn't reach 'nobody/nothing' on the Hub")

    monkeypatch.setattr("datasets.load_dataset", refuse)
    with pytest.raises(UserError) as error:
        open_table("nobody/nothing", "train", "--train")
    assert error.value.what.startswith("--train nobody/nothing: the data set could not be loaded: Couldn't reach")
    assert "no file or folder 'nobody/nothing'" in error.value.fix


def test_what_cannot_be_an_id_is_told():
    with pytest.raises(UserError, match="a hub id has another form"):
        open_table("my table", "train", "--train")


def test_a_saved_folder_is_read(tmp_path):
    datasets.DatasetDict(train=split("a"), test=split("b")).save_to_disk(str(tmp_path / "all"))
    split("c").save_to_disk(str(tmp_path / "one"))
    assert texts(str(tmp_path / "all"), "dev") == ["b"]
    assert texts(f"{tmp_path / 'all'}@train", "dev") == ["a"]
    assert texts(str(tmp_path / "one"), "dev") == ["c"]


def test_a_folder_of_something_else_is_told(tmp_path):
    with pytest.raises(UserError, match="could not be loaded"):
        open_table(str(tmp_path), "train", "--train")
