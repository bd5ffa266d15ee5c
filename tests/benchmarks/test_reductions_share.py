from dataclasses import asdict

import pytest
import tiny
import torch

from benchmarks import reductions, results, shapes, tables, variants
from benchmarks.render import render
from edgebert.errors import UserError
from edgebert.models.load import load
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.task import Task

LABELS = ("bad", "good")
FAMILIES = {"tinybert-4": "bert", "bort": "roberta", "distilbert": "distilbert", "mobilebert": "mobilebert"}
"""The tiny model that stands for each."""


@pytest.mark.parametrize("way", [variants.BERT, variants.MOBILEBERT])
def test_one_reduction_at_a_time_is_left_out(way):
    found = variants.variants(way.every)
    assert all(asdict(found[""]).values()) and not any(asdict(found["all"]).values())
    for name in asdict(found[""]):
        assert [field for field, on in asdict(found[name]).items() if not on] == [name]


@torch.no_grad()
@pytest.mark.parametrize("name", reductions.FAMILIES)
def test_a_familys_graph_is_its_modules_without_any_of_its_reductions(name, tmp_path):
    model = load(tiny.save_checkpoint(tmp_path / name, FAMILIES[name], LABELS))
    for parameter in model.parameters():
        if parameter.dim() == 1:
            parameter += 0.1 * torch.randn_like(parameter)
    ids = torch.randint(5, 60, (3, 16), dtype=torch.int32)
    feeds = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "token_type_ids": ids % 2}
    feeds = {key: feeds[key] for key in model.graph_inputs}
    feeds["attention_mask"][1, 9:] = 0
    expected, way = model.model(**feeds).logits, variants.WAYS[model.config.model_type]
    for chosen in variants.variants(way.every).values():
        torch.testing.assert_close(way.build(model.model, chosen)(**feeds), expected, atol=1e-4, rtol=1e-4)


def test_every_family_has_its_table():
    text = "".join(path.read_text() for path in tables.DOCUMENTS)
    assert [name for name in reductions.FAMILIES if f"<!-- table:reductions/{name} -->" not in text] == []


def test_the_table_compares_round_by_round():
    def setting(without, format, rounds):
        return {"without": without, "format": format, "scheme": "fp32", "length": 8, "round_p50_ms": rounds}

    def exact(without, largest, rows=40):
        return {"without": without, "format": "onnx", "length": 8, "rows": rows, "largest": largest, "allowed": 1e-4}

    watch = results.Watch()
    table = render({
        "benchmark": "reductions", "command": "made up", "conditions": watch.conditions(), "family": "x", "rounds": 3,
        "settings": [setting("", "onnx", [1.0, 2.0, 3.0]), setting("norms", "onnx", [2.0, 3.0, 3.0]),
                     setting("", "tflite", [1.0, 1.0, 1.0])],
        "exactness": [exact("", 2e-7), exact("norms", 3e-7, rows=20)],
    })  # fmt: skip
    assert "over 40 texts and pairs (20 of them where something is left out) at each length" in table.notes[0]
    assert table.columns[1:] == ["onnx fp32, 8", "tflite fp32, 8", "difference"]
    assert table.rows == [
        ["every reduction", "2.00", "1.00", "2e-07"],
        ["weights of normalisations apart", "3.00, 1.50x (1.00 to 2.00)", "", "3e-07"],
    ]


def test_a_checkpoint_is_of_one_family(tmp_path):
    with pytest.raises(UserError, match="one family"):
        reductions.main(checkpoint=tmp_path)


@pytest.mark.slow
def test_a_run_times_every_file_finds_the_modules_logits_and_leaves_other_sections(tmp_path, monkeypatch):
    def rows(folder):
        texts = [text for text, _ in tiny.reviews()]
        Rows.write(folder / "dev.arrow", [Row(text, None, (0.0,)) for text in texts])
        return Task(folder, "toy", "classes", LABELS, False, {"dev": len(texts)})

    def run(**settings):
        settings |= {"lengths": (16,), "rows": 10, "rows_left_out": 6, "rounds": 1, "timed_calls": 2, "seconds": 0.0}
        reductions.main(**settings, results_in=tmp_path / "results")
        return results.read("reductions", tmp_path / "results")

    def checkpoint(name, folder):
        return tiny.save_checkpoint(folder, FAMILIES[name], LABELS, num_hidden_layers=1)

    every_variant = variants.variants

    def two_variants(every):
        return {name: one for name, one in every_variant(every).items() if name in ("", "all")}

    monkeypatch.setattr(variants, "variants", two_variants)
    monkeypatch.setattr(shapes, "write_dev_rows", rows)
    monkeypatch.setattr(reductions, "write_checkpoint", checkpoint)
    first = run(families=("tinybert-4", "mobilebert"))
    for name in ("tinybert-4", "mobilebert"):
        found = results.section(first, name)
        kinds = {(one["format"], one["scheme"]) for one in found["settings"]}
        assert kinds == {(format, scheme) for format in ("onnx", "tflite") for scheme in ("fp32", "int8")}
        assert {(one["without"], one["rows"]) for one in found["exactness"]} == {("", 10), ("all", 6)}
        assert all(0 < one["largest"] < one["allowed"] for one in found["exactness"])
        assert render(found).rows
    again = run(families=("tinybert-4",), checkpoint=checkpoint("tinybert-4", tmp_path / "trained"))
    assert [one["family"] for one in again["families"]] == ["tinybert-4", "mobilebert"]
    assert again["families"][1] == first["families"][1] and again["families"][0] != first["families"][0]
