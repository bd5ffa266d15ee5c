import pytest
import toy_files

from benchmarks import latency, results
from benchmarks.render import render
from converters.artefact import save_list
from edgebert.runtimes.in_process import InProcess
from edgebert.runtimes.jobs import Timed
from edgebert.store import machine
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.task import Task


@pytest.fixture
def toy_models(tmp_path, monkeypatch):
    def make(student, length, work):
        folders = {}
        for model, scheme in (("student", "int8"), ("teacher", "fp32"), ("teacher", "int8"), ("bert-base", "fp32")):
            folder = work / model / scheme
            save_list([toy_files.write_onnx(folder, "any.onnx", scheme=scheme)], folder)
            folders.setdefault(model, []).append(folder)
        Rows.write(work / "task" / "dev.arrow", [Row("good " * (1 + i % 9), None, (1.0,)) for i in range(20)])
        toy_files.write_tokenizer(work / "task" / "tokenizer.json")
        return folders, Task(work / "task", "toy", "classes", ("neg", "pos"), False, {"dev": 20})

    def time(self, job):
        """In place of processes: int8 takes 2 ms, fp32 10 ms."""
        ms = 2.0 if job.files[0].artefact.scheme == "int8" else 10.0
        return Timed("9.9", 5.0, 7.0, (ms,) * job.calls, 40.0, 0.25, 0.01, 5)

    monkeypatch.setattr(latency, "_make", make)
    monkeypatch.setattr(InProcess, "time", time)
    monkeypatch.setitem(machine(), "cores", 1)


def test_a_run_compares_like_with_like(tmp_path, toy_models):
    latency.main(length=16, repeats=2, timed_calls=5, results_in=tmp_path)
    found = results.read("latency", tmp_path)
    assert {(one["model"], one["scheme"], one["at"]) for one in found["settings"]} == {
        (model, scheme, at)
        for at in ("length", "rows")
        for model, scheme in (("student", "int8"), ("teacher", "fp32"), ("teacher", "int8"), ("bert-base", "fp32"))
    }
    assert all(len(one["round_p50_ms"]) == 2 * 3 for one in found["settings"])
    assert [(one["at"], one["against"], one["against_scheme"]) for one in found["ratios"] if one["at"] == "rows"] == [
        ("rows", "teacher", "fp32"), ("rows", "teacher", "int8"), ("rows", "bert-base", "fp32"),
    ]  # fmt: skip
    table = render(found)
    assert table.rows[0][0] == "tinybert-4, onnx int8"
    assert table.rows[0][-3:] == ["5.0x (5.0 to 5.0)", "1.0x (1.0 to 1.0)", "5.0x (5.0 to 5.0)"]
    assert "16 tokens, batch 1, 1 thread" in table.notes[0]


def test_ratios_are_taken_round_by_round():
    def setting(model, scheme, rounds, **more):
        return {"model": model, "scheme": scheme, "format": "tflite", "at": "length", "threads": 1, **more,
                "round_p50_ms": rounds}  # fmt: skip

    found = latency.ratios([
        setting("student", "int8", [2.0, 4.0, 2.0]),
        setting("bert-base", "fp32", [100.0, 200.0, 90.0]),
        setting("bert-base", "fp32", [1.0, 1.0, 1.0], threads=2),
        setting("bert-base", "fp32", [1.0, 1.0, 1.0], format="onnx"),
    ])  # fmt: skip
    assert [(one["median"], one["min"], one["max"]) for one in found] == [(50.0, 45.0, 50.0)]
