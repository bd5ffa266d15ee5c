import csv

import numpy as np
import pytest
import tiny
import toy_files

from benchmarks import fast, results, shapes
from benchmarks.render import render
from converters.artefact import save_list
from edgebert.recipes import Recipe
from edgebert.recipes.options import ConvertOptions, DistillOptions, FinetuneOptions
from edgebert.runtimes.in_process import InProcess
from edgebert.runtimes.jobs import Timed
from edgebert.store import machine
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.task import Task

MS = {("bert-1-24", "fp32"): 10.0, ("bert-1-24", "int8"): 4.0, ("bert-1-16", "fp32"): 5.0, ("bert-1-16", "int8"): 2.0}


@pytest.fixture
def toy_shapes(monkeypatch):
    """In place of files of the real shapes and of processes that time them."""

    def write_all_files(checkpoint, name, options, folder):
        for scheme in ("fp32", "int8"):
            save_list([toy_files.write_onnx(folder / scheme, f"{name}-{scheme}.onnx", scheme=scheme)], folder / scheme)
        return [folder / "fp32", folder / "int8"]

    def write_dev_rows(folder):
        Rows.write(folder / "dev.arrow", [Row("good " * (1 + i % 9), None, (1.0,)) for i in range(20)])
        toy_files.write_tokenizer(folder / "tokenizer.json")
        return Task(folder, "toy", "classes", ("neg", "pos"), False, {"dev": 20})

    def time(self, job):
        shape, _, scheme = job.files[0].artefact.path.removesuffix(".onnx").rpartition("-")
        return Timed("9.9", 5.0, 7.0, (MS[shape, scheme],) * job.calls, 40.0, 0.25, 0.01, 5)

    monkeypatch.setattr(shapes, "write_all_files", write_all_files)
    monkeypatch.setattr(shapes, "write_dev_rows", write_dev_rows)
    monkeypatch.setattr(shapes, "write_teacher", lambda folder: None)
    monkeypatch.setattr(shapes, "write_student", lambda name, teacher, folder: None)
    monkeypatch.setattr(InProcess, "time", time)
    monkeypatch.setitem(machine(), "cores", 1)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_shapes_are_held_against_one_in_score_and_time(encoder_folder, tmp_path, monkeypatch, toy_shapes):
    recipe = Recipe(
        finetune=FinetuneOptions(epochs=1), convert=ConvertOptions(lengths=(16,)),
        distill=DistillOptions(batch_size=8, learning_rate=2e-3),
    )  # fmt: skip
    monkeypatch.setattr(fast.recipes, "load", lambda name: recipe)
    monkeypatch.setattr(fast, "AGAINST", "bert-1-24")
    rows = [(text, label) for text, label in tiny.reviews()]
    for name, part in (("train", rows[:160]), ("dev", rows[160:])):
        with (tmp_path / f"{name}.tsv").open("w", newline="") as file:
            csv.writer(file, delimiter="\t").writerows([("sentence", "label"), *part])
    fast.main(
        shapes=("bert-1-16",), steps=12, seeds=(1,), data=tmp_path, teacher=str(encoder_folder), length=16, repeats=1,
        timed_calls=5, work=tmp_path / "work", results_in=tmp_path,
    )  # fmt: skip
    found = results.read("fast", tmp_path)
    assert {(one["name"], one["steps"]) for one in found["students"]} == {("bert-1-24", 12), ("bert-1-16", 12)}
    scores = {one["name"]: one["dev"] for one in found["students"]}
    change = found["differences"]["bert-1-16"]
    assert change["mean"] == pytest.approx(scores["bert-1-16"] - scores["bert-1-24"])
    assert {(one["model"], one["scheme"]): one["p50_ms"] for one in found["settings"]} == MS
    table = render(found)
    assert {len(row) for row in table.rows} == {len(table.columns)}
    assert [row[0] for row in table.rows] == ["teacher", "bert-1-24", "bert-1-16"]
    assert table.rows[1][-3:] == ["4.00", "10.0", ""] and table.rows[2][-3:] == ["2.00", "5.00", "2.00"]
    assert np.isfinite(change["low"])
