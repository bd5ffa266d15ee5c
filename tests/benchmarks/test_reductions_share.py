from dataclasses import asdict

import pytest
import tiny

from benchmarks import reductions, results, shapes
from benchmarks.render import render
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.task import Task


def test_one_reduction_at_a_time_is_left_out():
    found = reductions.variants()
    assert all(asdict(found[""]).values()) and not any(asdict(found["all"]).values())
    for name in asdict(found[""]):
        assert [field for field, on in asdict(found[name]).items() if not on] == [name]


def test_the_table_compares_round_by_round():
    def setting(without, format, rounds):
        return {"without": without, "format": format, "scheme": "fp32", "length": 8, "round_p50_ms": rounds}

    def exact(without, largest):
        return {"without": without, "format": "onnx", "length": 8, "rows": 40, "largest": largest, "allowed": 1e-4}

    watch = results.Watch()
    table = render({
        "benchmark": "reductions", "command": "made up", "conditions": watch.conditions(), "student": "x", "rounds": 3,
        "settings": [setting("", "onnx", [1.0, 2.0, 3.0]), setting("norms", "onnx", [2.0, 3.0, 3.0]),
                     setting("", "tflite", [1.0, 1.0, 1.0])],
        "exactness": [exact("", 2e-7), exact("norms", 3e-7)],
    })  # fmt: skip
    rows = {row[0]: row[1:] for row in table.rows}
    assert table.columns[1:] == ["onnx fp32, 8", "tflite fp32, 8", "difference"]
    assert rows["every reduction"] == ["2.00", "1.00", "2e-07"]
    assert rows["weights of normalisations apart"] == ["3.00, 1.50x (1.00 to 2.00)", "", "3e-07"]


@pytest.mark.slow
def test_a_run_times_every_file_and_finds_the_modules_logits(tmp_path, monkeypatch):
    checkpoint = tiny.save_checkpoint(tmp_path / "student", labels=("bad", "good"))

    def rows(folder):
        texts = [text for text, _ in tiny.reviews()]
        Rows.write(folder / "dev.arrow", [Row(text, None, (0.0,)) for text in texts])
        (folder / "tokenizer.json").write_bytes((checkpoint / "tokenizer.json").read_bytes())
        return Task(folder, "toy", "classes", ("bad", "good"), False, {"dev": len(texts)})

    monkeypatch.setattr(shapes, "write_dev_rows", rows)
    monkeypatch.setattr(shapes, "write_teacher", lambda folder: None)
    reductions.main(
        checkpoint=checkpoint, lengths=(16,), rows=10, rounds=1, timed_calls=2, results_in=tmp_path / "results"
    )
    found = results.read("reductions", tmp_path / "results")
    kinds = {(one["format"], one["scheme"]) for one in found["settings"]}
    assert kinds == {(format, scheme) for format in ("onnx", "tflite") for scheme in ("fp32", "int8")}
    assert {one["rows"] for one in found["exactness"]} == {10}
    assert all(0 < one["largest"] < one["allowed"] for one in found["exactness"])
    assert render(found).rows
