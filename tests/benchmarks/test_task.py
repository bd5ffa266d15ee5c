import json
from dataclasses import replace

import finished_run
import pytest

from benchmarks import results, script, task
from benchmarks.render import render
from edgebert import cli
from edgebert.report import build


@pytest.fixture
def exported(monkeypatch):
    """In place of the chain: a finished run; gives the arguments it was called with."""
    calls = []

    def main(arguments):
        calls.append(arguments)
        folder = finished_run.make_run(next(p for p in map(task.Path, arguments) if p.name == "run"))
        build(folder).write(folder)
        raise SystemExit(0)

    monkeypatch.setattr(cli, "main", main)
    return calls


def call(monkeypatch, *words):
    monkeypatch.setattr("sys.argv", ["benchmarks.task", *map(str, words)])
    with pytest.raises(SystemExit) as end:
        script.run(task.main)
        raise SystemExit(0)
    return end.value.code


def test_options_go_to_export_and_scores_come_back(tmp_path, monkeypatch, exported):
    data = tmp_path / "data" / "SST-2"
    words = ["--data", data, "--teacher", "hub/gte", "--out", tmp_path / "run", "--results-in", tmp_path]
    assert call(monkeypatch, *words, "--epochs", "1", "--finetune.epochs", "2") == 0
    assert exported == [[
        "export", "--train", str(data / "train.tsv"), "--dev", str(data / "dev.tsv"), "--teacher", "hub/gte",
        "--out", str(tmp_path / "run"), "--epochs", "1", "--finetune.epochs", "2",
    ]]  # fmt: skip
    found = results.read("sst-2", tmp_path)
    assert (found["teacher"]["dev"], found["student"]["dev"]) == (84.14, 83.42)
    assert found["files"][0]["metrics"] == {"accuracy": 83.42}
    assert str(tmp_path) not in json.dumps(found)


def test_the_table_names_what_was_rejected(tmp_path):
    folder = finished_run.make_run(tmp_path / "run", rejected=("tinybert-4-s16-int8.tflite",))
    report = build(folder)
    found = {**task.found(report), "benchmark": "task", "command": "made up"}
    found["conditions"] = results.Watch().conditions()
    table = render(found)
    cells = {row[0]: row[2:-1] for row in table.rows}
    assert [name.split(" ")[0] for name in table.columns[2:-1]] == ["ort", "litert"]
    assert cells["tflite int8, 16 tokens"] == ["", "refused"]
    assert cells["onnx fp32, any length"] == ["83.42", ""]
    assert table.rows[1][2] == "83.42"
    own = task.found(replace(report, student_name="none"))
    assert render({**found, **own}).rows[1][0].startswith("onnx")


def test_a_failed_export_leaves_no_result(tmp_path, monkeypatch):
    def fail(arguments):
        raise SystemExit(2)

    monkeypatch.setattr(cli, "main", fail)
    assert call(monkeypatch, "--out", tmp_path / "run", "--results-in", tmp_path) == 2
    assert not list(tmp_path.glob("*.json"))


def test_a_failed_gate_is_a_result_but_an_old_report_is_not(tmp_path, monkeypatch):
    def gate(arguments):
        build(tmp_path / "run").write(tmp_path / "run")
        raise SystemExit(1)

    def crash(arguments):
        raise SystemExit(1)

    finished_run.make_run(tmp_path / "run")
    words = ["--out", tmp_path / "run", "--results-in", tmp_path, "--name", "mine"]
    monkeypatch.setattr(cli, "main", gate)
    assert call(monkeypatch, *words) == 0
    assert results.read("mine", tmp_path)
    (tmp_path / "mine.json").unlink()
    monkeypatch.setattr(cli, "main", crash)
    assert call(monkeypatch, *words) == 1
    assert results.read("mine", tmp_path) is None
