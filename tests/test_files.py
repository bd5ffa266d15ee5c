import pytest

from edgebert.files import atomic, read_json, sha256, write_json


def names(folder):
    return [path.name for path in folder.iterdir()]


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "folder" / "x.json"
    write_json(path, {"a": 1})
    with pytest.raises(RuntimeError), atomic(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert read_json(path) == {"a": 1}
    assert names(path.parent) == ["x.json"]


def test_what_a_killed_write_left_is_written_over(tmp_path):
    (tmp_path / ".x.json.tmp").write_text("half")
    write_json(tmp_path / "x.json", [1, "é"])
    assert names(tmp_path) == ["x.json"]
    assert (tmp_path / "x.json").read_text(encoding="utf-8") == '[\n  1,\n  "é"\n]\n'


def test_numbers_that_are_no_json_are_refused(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "x.json", float("nan"))
    assert names(tmp_path) == []


def test_sha256(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    assert sha256(tmp_path / "x") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
