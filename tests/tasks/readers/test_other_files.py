import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from edgebert.errors import UserError
from edgebert.tasks.readers import open_table


def rows(path):
    table = open_table(str(path), "train", "--train")
    return [(number, *values) for number, values in table.records(table.columns)]


def test_jsonl_is_read_with_line_numbers(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text('\ufeff{"text": "naïve \\n", "label": 1}\n\n{"label": null, "text": "b", "more": []}\n')
    assert rows(path) == [(1, "naïve \n", 1), (3, "b", None)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"text": "a"}\n{"text": }\n', "line 2 is not JSON"),
        ('[{"text": "a"}]\n', "line 1 is a JSON list, not an object"),
        ("\n", "holds no objects"),
        (b'{"text": "a"}\n{"text": "\xff"}\n', "line 2: byte 11"),
        ("[" * 100_000, "line 1 is not JSON"),
    ],
)
def test_broken_jsonl_is_told_with_file_and_line(tmp_path, text, message):
    path = tmp_path / "t.jsonl"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError) as error:
        rows(path)
    assert str(path) in error.value.what
    assert message in error.value.what


def test_parquet_is_read_in_batches(tmp_path):
    path = tmp_path / "t.parquet"
    texts = [f"film {i}" for i in range(9000)]
    pq.write_table(pa.table({"text": texts, "label": [i % 2 for i in range(9000)], "id": range(9000)}), path)
    table = open_table(str(path), "train", "--train")
    assert [values for _, values in table.records(("label", "text"))] == [(i % 2, text) for i, text in enumerate(texts)]
    assert table.at(8) == f"{path}, row 8"


def test_parquet_of_the_datasets_library_keeps_its_class_names(tmp_path):
    path = tmp_path / "t.parquet"
    label = datasets.ClassLabel(names=["neg", "pos"])
    features = datasets.Features({"text": datasets.Value("string"), "label": label})
    datasets.Dataset.from_dict({"text": ["a"], "label": [1]}, features=features).to_parquet(str(path))
    table = open_table(str(path), "train", "--train")
    assert (table.classes, rows(path)) == ({"label": ("neg", "pos")}, [(1, "a", 1)])


def test_broken_parquet_is_told(tmp_path):
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1 and nothing of the kind")
    with pytest.raises(UserError, match=r"t\.parquet is not a readable Parquet file"):
        rows(path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.csv", "no such file"),
        ("./missing", "no such file"),
        ("a/b/c", "no such file"),
        ("typo.cvs", "no such"),
    ],
)
def test_a_missing_file_is_not_asked_of_the_hub(name, message, monkeypatch):
    monkeypatch.setattr("datasets.load_dataset", None)
    with pytest.raises(UserError, match=message) as error:
        open_table(name, "dev", "--dev")
    assert error.value.what.startswith(f"--dev {name}:")


def test_an_empty_file_and_an_unknown_ending_are_told(tmp_path):
    (tmp_path / "t.csv").touch()
    (tmp_path / "t.xlsx").write_text("x")
    with pytest.raises(UserError, match=r"--train .*t\.csv: the file is empty"):
        open_table(str(tmp_path / "t.csv"), "train", "--train")
    with pytest.raises(UserError, match=r"does not know the ending '\.xlsx'"):
        open_table(str(tmp_path / "t.xlsx"), "train", "--train")
