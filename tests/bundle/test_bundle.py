"""The bundle: what an app finds in it, and that it is never half there."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from finished_run import make_run, write_tokenizer

from edgebert import bundle, report
from edgebert.bundle.folder import ASSETS
from edgebert.bundle.manifest import Manifest
from edgebert.errors import GateError, UserError
from edgebert.files import sha256
from edgebert.recipes.options import BudgetOptions
from edgebert.report.compare import comparison, load, pages
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.task import Task

BAD = "tinybert-4-s8-int8.tflite"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("run") / "artefacts", rejected=(BAD,))


@pytest.fixture(scope="module")
def folder(run):
    return bundle.write(run, report.build(run), run / "bundle")


@pytest.fixture
def copy(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "bundle")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_holds_what_passed_and_all_an_app_needs(folder):
    assert names(folder) == sorted([
        "MODEL_CARD.md", "report.json", "manifest.json", "golden.json", "labels.txt", "tokenizer.json", "vocab.txt",
        "tinybert-4-fp32.onnx", "tinybert-4-int8.onnx",
        "tinybert-4-s8-fp32.tflite", "tinybert-4-s16-fp32.tflite", "tinybert-4-s16-int8.tflite",
    ])  # fmt: skip
    assert (folder / "labels.txt").read_text() == "negative\npositive\n"
    vocabulary = (folder / "vocab.txt").read_text().splitlines()
    assert vocabulary[:4] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    bundle.check(folder)


def test_the_report_in_it_is_ranked_with_the_runs_own_once_a_phone_has_timed_the_files(run, folder, tmp_path):
    report.build(run).write(tmp_path / "run")
    values = json.loads((folder / "report.json").read_text())
    values["latencies"] = json.loads((tmp_path / "run" / "report.json").read_text())["latencies"]
    for one in values["latencies"]:
        one["conditions"] |= {"processor": "a phone", "load_average": None, "others_busy": None}
    (tmp_path / "phone.json").write_text(json.dumps(values))
    found = comparison(load([tmp_path / "run", tmp_path / "phone.json"]), BudgetOptions())
    (board,) = found.boards
    places = {
        board.columns[k].device
        for row in board.rows
        if row.run.endswith("phone")
        for k, time in enumerate(row.times)
        if time
    }
    assert places == {"a phone, 2 cores"}
    pages.markdown(found)


def test_the_report_in_it_has_no_rows_paths_or_times_of_the_machine_that_made_it(folder):
    text = (folder / "report.json").read_text()
    values = json.loads(text)
    assert not values["latencies"] and not values["stages"] and values["sanity"] is None and values["source"] == {}
    assert "train.csv" not in text and not any(score["worst"] for score in values["scores"]["files"])


def test_manifest_says_how_to_run_each_model(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["schema"] == 3 and manifest["labels"] == ["negative", "positive"]
    models = {(model["format"], model["scheme"]): model for model in manifest["models"]}
    tflite = models["tflite", "fp32"]
    assert (tflite["driver"], tflite["lengths"], tflite["engine"]) == ("by-length", [8, 16], "litert")
    file = tflite["files"][0]
    (first,) = file["entries"]
    assert first["inputs"][1] == {"name": "attention_mask", "dtype": "int32", "shape": [1, 8]}
    assert file["output"] == {"name": "logits", "dtype": "float32", "shape": [1, 2]}
    assert (first["length"], first["signature"]) == (8, "classify")
    assert first["quality"]["value"] == 83.42 and first["quality"]["rows"] == 40
    litert = {"name": "litert", "version": "2.3.0"}
    assert file["runtimes"] == [{"runtime": litert, "length": 8, "value": 83.42, "drop": 0.0, "reasons": []}]
    assert file["minimum_runtime"] == litert
    assert models["onnx", "int8"]["files"][0]["entries"][0]["inputs"][0]["shape"] == ["batch", "length"]
    assert models["onnx", "int8"]["quality"]["drop"] == 0.36
    assert manifest["tokenizer"] == {
        "model": "WordPiece", "file": "tokenizer.json", "vocabulary": "vocab.txt", "max_length": 16,
        "truncation": "longest_first", "pad_id": 0,
    }  # fmt: skip
    assert manifest["licences"][0]["licence"] == "apache-2.0" and manifest["versions"]["onnxruntime"]


def test_set_without_its_rejected_file_claims_no_score_of_the_whole(folder):
    model = next(m for m in Manifest.load(folder).models if (m.format, m.scheme) == ("tflite", "int8"))
    assert model.lengths == (16,) and model.quality is not None  # of that one file, which was measured
    assert model.quality == model.files[0].entries[0].quality


def test_a_file_names_every_runtime_it_was_run_in_and_the_oldest_that_is_right(run, tmp_path):
    built = report.build(run)
    more = [
        replace(score, engine=engine, engine_version=version, decides=False, reasons=wrong)
        for score in built.scores.files
        if score.format == "tflite"
        for engine, version, wrong in (
            ("tf", "2.21.0", ()), ("tflite-runtime", "2.14.0", () if score.scheme == "fp32" else ("all zeros",)),
        )
    ]  # fmt: skip
    built = replace(built, scores=replace(built.scores, files=(*built.scores.files, *more)))
    models = {(m.format, m.scheme): m for m in Manifest.load(bundle.write(run, built, tmp_path / "bundle")).models}
    (whole, *_), (small, *_) = models["tflite", "fp32"].files, models["tflite", "int8"].files
    assert [(one.runtime.name, one.reasons) for one in small.runtimes] == [
        ("litert", ()), ("tf", ()), ("tflite-runtime", ("all zeros",)),
    ]  # fmt: skip
    assert (small.minimum_runtime.name, small.minimum_runtime.version) == ("tf", "2.21.0")
    assert (whole.minimum_runtime.name, whole.minimum_runtime.version) == ("tflite-runtime", "2.14.0")
    assert models["onnx", "int8"].files[0].minimum_runtime.name == "ort"


def test_unknown_licence_is_said(run, tmp_path):
    built = report.build(run)
    object.__setattr__(built.teacher, "licence", None)
    bundle.write(run, built, tmp_path / "bundle")
    assert Manifest.load(tmp_path / "bundle").licences[0].licence.startswith("unknown: ")


def test_goldens_are_the_tokenizers_ids_and_the_students_logits(run, folder):
    goldens = json.loads((folder / "golden.json").read_text())
    encoders = {length: TextEncoder(run / "student" / "tokenizer.json", length) for length in (8, 16)}
    logits = {length: np.load(run / "converted" / f"golden-s{length}.npy") for length in (8, 16)}
    for i, text in enumerate(goldens["texts"]):
        for cut in text["cuts"]:
            tokens = encoders[cut["length"]].encode([Row(text["text"], text["pair"])])[0]
            assert cut["input_ids"] == list(tokens.input_ids)
            assert cut["token_type_ids"] == list(tokens.token_type_ids)
            assert cut["attention_mask"] == [1] * len(tokens)
            assert cut["logits"] == pytest.approx(logits[cut["length"]][i].tolist(), abs=1e-6)
            assert len(tokens) == min(text["tokens"], cut["length"])
    named = {text["name"]: text for text in goldens["texts"]}
    assert named["empty text"]["text"] == "" and named["empty text"]["tokens"] == 2
    assert named["very long text"]["tokens"] > 512 and named["dev 1"]["label"] in ("negative", "positive")
    assert {"accents", "Chinese, Japanese, Korean", "emoji"} <= named.keys()
    assert sum(name.startswith("dev ") for name in named) >= 16


def test_golden_texts_do_not_depend_on_the_order_of_dev_and_show_every_label(tmp_path):
    rows = [Row(f"text {i}", None, (0.0 if i < 95 else 1.0,)) for i in range(100)]

    def chosen(order):
        folder = tmp_path / order
        Rows.write(folder / "dev.arrow", rows if order == "forward" else rows[::-1])
        return bundle.golden_texts(Task(folder, "t", "classes", ("a", "b"), False, {"dev": 100}))

    assert chosen("forward") == chosen("backward")
    assert sum(row.targets == (1.0,) for row in chosen("forward")) == 5


def test_pairs_have_edge_cases_of_their_own(tmp_path):
    Rows.write(tmp_path / "dev.arrow", [Row("a", "b", (0.0,)), Row("a", "c", (1.0,))])
    texts = bundle.golden_texts(Task(tmp_path, "t", "classes", ("a", "b"), True, {"dev": 2}))
    assert all(row.pair is not None for row in texts)
    assert any(row.pair == "" for row in texts)
    write_tokenizer(tmp_path / "tokenizer.json")
    both = next(row for row in texts if len(row.text) == len(row.pair) > 1000)
    tokens = TextEncoder(tmp_path / "tokenizer.json", 16).encode([both])[0]
    assert len(tokens) == 16 and sum(tokens.token_type_ids) in (7, 8)


def test_logits_of_other_texts_are_refused(tmp_path):
    run = make_run(tmp_path / "run")
    np.save(run / "converted" / "golden-s8.npy", np.zeros((3, 2), np.float32))
    with pytest.raises(UserError, match="8 tokens"):
        bundle.write(run, report.build(run), tmp_path / "bundle")


def test_nothing_passed_means_no_bundle(tmp_path):
    run = make_run(
        tmp_path / "run", schemes=("int8",), rejected=("tinybert-4-int8.onnx", BAD, BAD.replace("s8", "s16"))
    )
    with pytest.raises(GateError, match="no file to ship"):
        bundle.write(run, report.build(run), tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_an_earlier_bundle_is_withdrawn_when_nothing_may_ship(run, folder, tmp_path):
    earlier = tmp_path / "bundle"
    shutil.copytree(folder, earlier)
    (earlier / "notes.txt").write_text("mine")
    none = make_run(
        tmp_path / "run", schemes=("int8",), rejected=("tinybert-4-int8.onnx", BAD, BAD.replace("s8", "s16"))
    )
    with pytest.raises(GateError):
        bundle.write(none, report.build(none), earlier)
    assert names(earlier) == ["notes.txt"]


def test_second_write_leaves_the_same_bytes_and_drops_what_no_longer_ships(run, folder):
    before = {path.name: sha256(path) for path in folder.iterdir()}
    bundle.write(run, report.build(run), folder)
    assert {path.name: sha256(path) for path in folder.iterdir()} == before
    built = report.build(run)
    built.recipe["quantize"]["schemes"] = ["int8"]
    bundle.write(run, built, folder)
    assert not [name for name in names(folder) if "fp32" in name]
    bundle.write(run, report.build(run), folder)
    assert names(folder) == sorted(before)


@pytest.mark.parametrize("name", ["golden.json", "labels.txt", "vocab.txt", "tinybert-4-int8.onnx"])
def test_changed_or_missing_files_are_named(copy, name):
    with (copy / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(UserError, match=f"{name} is another file"):
        bundle.check(copy)
    (copy / name).unlink()
    with pytest.raises(UserError, match=f"{name} is missing"):
        bundle.check(copy)


def test_install_makes_the_folders_and_leaves_other_files_alone(copy, tmp_path):
    project = tmp_path / "app project"
    assets = project / ASSETS
    assets.mkdir(parents=True)
    (assets / "mine.txt").write_text("mine")
    assert bundle.install(copy, project) == assets
    assert names(assets) == sorted([*names(copy), "mine.txt"])
    bundle.check(assets)


def test_install_replaces_an_earlier_bundle(copy, run, tmp_path):
    bundle.install(copy, tmp_path)
    (tmp_path / ASSETS / "mine.txt").write_text("mine")
    built = report.build(run)
    built.recipe["quantize"]["schemes"] = ["int8"]
    bundle.install(bundle.write(run, built, tmp_path / "smaller"), tmp_path)
    assert names(tmp_path / ASSETS) == sorted([*names(tmp_path / "smaller"), "mine.txt"])


def test_install_survives_a_broken_earlier_manifest(copy, tmp_path):
    (tmp_path / ASSETS).mkdir(parents=True)
    (tmp_path / ASSETS / "manifest.json").write_text("{")
    bundle.check(bundle.install(copy, tmp_path))


def test_bundle_that_is_not_whole_is_not_installed(copy, tmp_path):
    (copy / "labels.txt").write_text("positive\nnegative\n")
    with pytest.raises(UserError, match=r"labels\.txt"):
        bundle.install(copy, tmp_path / "project")
    assert not (tmp_path / "project").exists()


def test_project_that_is_a_file_is_a_clear_error(copy, tmp_path):
    (tmp_path / "project").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        bundle.install(copy, tmp_path / "project")


def test_manifest_cannot_reach_outside_its_folder(copy, tmp_path):
    path = copy / "manifest.json"
    path.write_text(path.read_text().replace('"labels.txt"', '"../labels.txt"'))
    (tmp_path / "labels.txt").write_text("not the bundle's")
    with pytest.raises(UserError, match="outside"):
        bundle.check(copy)
