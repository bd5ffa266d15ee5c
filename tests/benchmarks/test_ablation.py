import csv

import numpy as np
import pytest
import tiny

from benchmarks import ablation, kept, results
from benchmarks.render import render
from edgebert.recipes import Recipe
from edgebert.recipes.options import ConvertOptions, DistillOptions, FinetuneOptions


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_variant_has_the_same_steps_and_is_held_against_the_full_one(encoder_folder, tmp_path, monkeypatch):
    recipe = Recipe(
        finetune=FinetuneOptions(epochs=1), convert=ConvertOptions(lengths=(16,)),
        distill=DistillOptions(student="bert-1-16", batch_size=8, learning_rate=2e-3),
    )  # fmt: skip
    monkeypatch.setattr(ablation.recipes, "load", lambda name: recipe)
    rows = [(text, label) for text, label in tiny.reviews()]
    for name, part in (("train", rows[:160]), ("dev", rows[160:])):
        with (tmp_path / f"{name}.tsv").open("w", newline="") as file:
            csv.writer(file, delimiter="\t").writerows([("sentence", "label"), *part])
    arguments = {"steps": 12, "seeds": (1,), "data": tmp_path, "teacher": str(encoder_folder),
                 "work": tmp_path / "work", "results_in": tmp_path}  # fmt: skip
    ablation.main(**arguments)
    found = results.read("ablation", tmp_path)
    assert [(one["seed"], one["without"]) for one in found["students"]] == [
        (seed, variant) for seed in (1,) for variant in ablation.VARIANTS
    ]
    assert {one["steps"] for one in found["students"]} == {12}
    run = tmp_path / "work" / "ablation" / "seed-1"
    weights = [(run / name / "model.safetensors").read_bytes() for name in ("full", "without-attention")]
    assert weights[0] != weights[1]
    full = np.mean([one["dev"] for one in found["students"] if one["without"] == "full"])
    for variant, change in found["differences"].items():
        dev = np.mean([one["dev"] for one in found["students"] if one["without"] == variant])
        assert change["mean"] == pytest.approx(dev - full) and change["low"] <= change["mean"] <= change["high"]
    table = render(found)
    assert [row[0] for row in table.rows][:3] == ["teacher", "all of TinyBERT's terms", "without attention"]

    made = []
    monkeypatch.setattr(
        kept, "distill", lambda run, options: made.append((run / "student" / "model.safetensors").exists())
    )
    ablation.main(**arguments)
    assert made == [True] * 5  # each student was there already when it was asked for
    assert results.read("ablation", tmp_path)["differences"] == found["differences"]
