import csv
from dataclasses import replace

import pytest
import tiny

from benchmarks import ablation_bilstm, results
from benchmarks.render import render
from edgebert import recipes

VARIANTS = list(ablation_bilstm.VARIANTS)


@pytest.fixture
def measure(teacher_folder, tmp_path, monkeypatch):
    """Run the ablation on tiny reviews; gives its result."""
    recipe = recipes.load(ablation_bilstm.RECIPE)
    recipe = replace(recipe, convert=replace(recipe.convert, lengths=(16,)))
    monkeypatch.setattr(ablation_bilstm.recipes, "load", lambda name: recipe)
    for name, rows in (("train", tiny.reviews()[:160]), ("dev", tiny.reviews()[160:])):
        with (tmp_path / f"{name}.tsv").open("w", newline="") as file:
            csv.writer(file, delimiter="\t").writerows([("sentence", "label"), *rows])

    def measure():
        ablation_bilstm.main(
            steps=12, copies=2, seeds=(1,), student="bert-1-16", method="logits", learning_rate=1e-2, data=tmp_path,
            teacher=str(teacher_folder), work=tmp_path / "work", results_in=tmp_path,
        )  # fmt: skip
        return results.read("ablation-bilstm", tmp_path)

    return measure


@pytest.mark.slow
def test_every_variant_has_the_same_steps_and_is_held_against_no_augmentation(measure, tmp_path):
    found = measure()
    students = found["students"]
    assert [(one["seed"], one["augmented"]) for one in students] == [(1, variant) for variant in VARIANTS]
    assert {one["steps"] for one in students} == {12}
    made = {one["augmented"]: one["rows_made"] for one in students}
    assert made["none"] == 0 and min(made[variant] for variant in VARIANTS[1:]) > 20
    runs = tmp_path / "work" / "ablation-bilstm"
    weights = [(runs / f"seed-1-{variant}" / "student" / "model.safetensors").read_bytes() for variant in VARIANTS]
    assert len(set(weights)) == len(VARIANTS)
    dev = {one["augmented"]: one["dev"] for one in students}
    assert len(set(dev.values())) > 1
    for variant, change in found["differences"].items():
        assert change["mean"] == pytest.approx(dev[variant] - dev["none"])
        assert change["low"] <= change["mean"] <= change["high"]
    assert [row[0] for row in render(found).rows] == [
        "teacher", "train rows alone", "words masked", "words swapped", "n-grams", "all three"
    ]  # fmt: skip

    before = {path: path.stat().st_mtime_ns for path in runs.glob("*/*/stage.json")}
    assert measure()["differences"] == found["differences"]
    assert {path: path.stat().st_mtime_ns for path in runs.glob("*/*/stage.json")} == before  # nothing is made again
