import csv

import pytest
import tiny

from benchmarks import results, students
from benchmarks.render import render
from edgebert.recipes import Recipe
from edgebert.recipes.options import DistillOptions, ProfileOptions

RECIPES = {
    name: Recipe(
        distill=DistillOptions(student=name, batch_size=8, learning_rate=2e-3, epochs=2),
        profile=ProfileOptions(timed_calls=2, timed_rows=2),
    )
    for name in ("bert-1-16", "bert-2-16")
}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_students_of_one_teacher_on_two_tables(encoder_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(students.recipes, "load", RECIPES.__getitem__)
    monkeypatch.setattr(students, "SCHEMES", ("fp32", "int8"))
    rows = tiny.reviews()
    for name, part in (("train", rows[:140]), ("dev", rows[140:200]), ("test", rows[200:])):
        with (tmp_path / f"{name}.tsv").open("w", newline="") as file:
            csv.writer(file, delimiter="\t").writerows([("sentence", "label"), *part])
    students.main(
        data=tmp_path, teacher=str(encoder_folder), also="test.tsv", name="toy", students=tuple(RECIPES), length=16,
        teacher_epochs=8, runtimes=("ort", "litert"), work=tmp_path / "work", results_in=tmp_path,
    )  # fmt: skip
    found = results.read("toy", tmp_path)
    first, second = found["students"]
    assert (first["student"], second["student"]) == tuple(RECIPES)
    assert first["teacher"] == second["teacher"] and first["parameters"] < second["parameters"]
    assert {(file["format"], file["scheme"]) for file in first["files"]} == {
        (format, scheme) for format in ("onnx", "tflite") for scheme in ("fp32", "int8")
    }
    assert first["also"]["rows"] == 40
    exact = [file for file in first["also"]["files"] if file["scheme"] == "fp32"]
    assert {file["metrics"]["accuracy"] for file in exact} == {first["also"]["student"]["accuracy"]}

    table = render(found)
    assert [row[0].split(" ")[0] for row in table.rows] == ["teacher", *RECIPES]
    assert "On the 40 rows of test.tsv: bert-1-16 " in " ".join(table.notes)
    files = render(found, "files")
    assert [name.split(" ")[0] for name in files.columns[2:]] == ["ort", "litert"]
    assert len(files.rows) == 2 * 5
