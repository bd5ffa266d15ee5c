"""The whole chain on tiny models, as a user sees it."""

import ast
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tiny
from tiny import call

from edgebert import baselines
from edgebert.files import read_json, sha256
from edgebert.models.load import load
from edgebert.profile import measure
from edgebert.report.report import Report
from edgebert.store import read_stamp
from edgebert.tasks.encoder import TextEncoder, pad
from edgebert.tasks.rows import Row
from edgebert.tasks.task import Task

pytestmark = pytest.mark.slow

STAGES = ("task", "teacher", "transfer", "student", "converted", "quantized", "verified", "profiled")
LEARNING = ("--epochs", 15, "--learning-rate", 5e-3, "--batch-size", 16)
QUICK = ("--no-baselines", "--timed-rows", 4)
ONNX = ("--formats", "onnx", *QUICK)
STUDENT = ("--student", "bert-1-16", *LEARNING)


@pytest.fixture(scope="module", autouse=True)
def one_quick_round():
    """Timing is tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measure, "ROUNDS", 1)
        patch.setattr(measure, "SECONDS", 0.0)
        yield


@pytest.fixture(scope="module")
def shipped(teacher_folder, reviews_csv, tmp_path_factory):
    """A run in both formats, by a process of its own: arguments, run folder, Android project, finished process."""
    folder = tmp_path_factory.mktemp("shipped")
    out, app = folder / "run", folder / "android"
    arguments = ("export", "--teacher", teacher_folder, "--train", reviews_csv, *STUDENT, "--lengths", 8, 16, *QUICK,
                 "--out", out, "--android", app)  # fmt: skip
    return arguments, out, app, tiny.edgebert(*arguments)


@pytest.fixture(scope="module")
def finished(teacher_folder, reviews_csv, tmp_path_factory):
    """A run with ONNX files alone, to copy and go on in: its arguments but for the last, and its folder."""
    out = tmp_path_factory.mktemp("finished") / "run"
    arguments = ("export", "--teacher", teacher_folder, "--train", reviews_csv, *STUDENT, *ONNX, "--out")
    assert call(*arguments, out, "--lengths", 8, 16) == 0
    return arguments, out


@pytest.fixture
def again(finished, tmp_path):
    """Export once more in a copy of the finished run with more options; gives exit code, folder, stages redone."""
    arguments, done = finished

    def again(*more, lengths=(8, 16)):
        out = shutil.copytree(done, tmp_path / "run")
        before = stamps(out)
        code = call(*arguments, out, *more, "--lengths", *lengths)
        return code, out, {name for name in STAGES if stamps(out)[name] != before[name]}

    return again


def stamps(out):
    """When each stage of a run was made, and of what."""
    return {name: (out / name / "stage.json").read_text() for name in STAGES if (out / name).exists()}


def dev_rows(out):
    return list(Task.load(out / "task").rows("dev"))


def student_logits(folder, rows, length):
    """Logits of a checkpoint, with nothing of edgebert between transformers and the answer."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    texts = [row.text for row in rows], [row.pair for row in rows] if rows[0].pair is not None else None
    batch = tokenizer(*texts, padding=True, truncation=True, max_length=length, return_tensors="pt")
    with torch.no_grad():
        return AutoModelForSequenceClassification.from_pretrained(folder)(**batch).logits.numpy()


def onnx_logits(path, out, rows, length):
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    names = {value.name for value in session.get_inputs()}
    feeds = padded(out, rows, length, None)
    return session.run(None, {name: feeds[name] for name in names})[0]


def tflite_logits(path, out, rows, length):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path))
    several = len(interpreter.get_signature_list()) > 1
    runner = interpreter.get_signature_runner(f"classify_{length}" if several else "classify")
    feeds = padded(out, rows, length, length)
    names = runner.get_input_details()
    return np.concatenate([runner(**{n: feeds[n][i : i + 1] for n in names})["logits"] for i in range(len(rows))])


def padded(out, rows, length, to):
    encoder = TextEncoder(out / "task" / "tokenizer.json", length)
    return pad(encoder.encode(rows), to, encoder.pad_id)


# What one command leaves


def test_one_command_makes_every_file(shipped):
    _, out, _, process = shipped
    assert process.returncode == 0, process.stderr
    assert "Traceback" not in process.stderr
    files = {f"bert-1-16-{scheme}.{format}" for scheme in ("fp32", "int8") for format in ("onnx", "tflite")}
    extras = {"vocab.txt", "tokenizer.json", "labels.txt", "manifest.json", "golden.json", "report.json"}
    extras |= {"MODEL_CARD.md"}
    assert {path.name for path in (out / "bundle").iterdir()} == files | extras
    assert (out / "report.md").is_file() and (out / "report.html").is_file() and not (out / "rejected").exists()
    assert not [path for path in out.rglob("*") if path.name.endswith((".partial", ".tmp", ".old", "scratch"))]


def test_examples_of_the_model_card_run_and_answer_as_the_student(shipped):
    bundle = shipped[1] / "bundle"
    examples = re.findall(r"```python\n(.*?)```", (bundle / "MODEL_CARD.md").read_text(), re.DOTALL)
    assert len(examples) == 2, "ONNX Runtime and LiteRT"
    expected = student_logits(shipped[1] / "student", [Row("A text.")], 16)[0]
    for example in examples:
        process = subprocess.run([sys.executable, "-c", example], cwd=bundle, capture_output=True, text=True)
        assert process.returncode == 0, process.stderr
        answer = ast.literal_eval(process.stdout)
        assert list(answer) == (bundle / "labels.txt").read_text().split()
        np.testing.assert_allclose(list(answer.values()), expected, atol=0.1)  # int8


def test_each_stage_says_what_it_changed(shipped):
    shown = shipped[3].stdout
    for title in ("reading the tables", "making the teacher", "distilling", "converting", "quantising", "verifying"):
        assert title in shown
    assert "taken as it is" in shown
    assert "bert-1-16-int8.tflite" in shown
    assert f"bundle: {shipped[1] / 'bundle'}" in shown


@pytest.mark.parametrize("scheme", ["fp32", "int8"])
@pytest.mark.parametrize("length", [8, 16])
def test_files_answer_as_the_trained_student(shipped, scheme, length):
    out = shipped[1]
    rows = dev_rows(out)
    expected = student_logits(out / "student", rows, length)
    stem = out / "bundle" / "bert-1-16"
    for found in (
        onnx_logits(f"{stem}-{scheme}.onnx", out, rows, length),
        tflite_logits(f"{stem}-{scheme}.tflite", out, rows, length),
    ):
        largest = np.abs(found - expected).max()
        assert largest < (1e-4 if scheme == "fp32" else 0.5), largest
        agreed = (found.argmax(1) == expected.argmax(1)).mean()
        assert agreed == 1 if scheme == "fp32" else agreed > 0.9


def test_the_student_learnt_from_its_teacher(shipped):
    report = Report.load(shipped[1])
    assert report.teacher.dev == 100
    assert report.student.dev > 85 and report.student.parameters < report.teacher.parameters / 4
    expected = student_logits(shipped[1] / "student", dev_rows(shipped[1]), 16)
    labels = [row.targets[0] for row in dev_rows(shipped[1])]
    assert report.student.dev == pytest.approx(100 * (expected.argmax(1) == labels).mean())


def test_the_report_holds_for_the_files(shipped):
    out = shipped[1]
    report = Report.load(out)
    rows = dev_rows(out)
    labels = np.array([row.targets[0] for row in rows])
    assert len(report.files) == 4 and len(report.scores.files) == 6 and not report.rejected
    for score in report.scores.files:
        logits = onnx_logits if score.format == "onnx" else tflite_logits
        found = logits(str(out / "bundle" / score.file), out, rows, score.length or 16)
        assert score.metrics["accuracy"] == pytest.approx(100 * (found.argmax(1) == labels).mean())
    assert {one.scheme for one in report.latencies} == {"fp32", "int8"}
    text = (out / "report.md").read_text()
    assert "bert-1-16-int8.tflite" in text and "positive" in text
    assert [stage.name for stage in report.stages] == list(STAGES)
    assert all(stage.versions["torch"] and stage.machine["processor"] for stage in report.stages)


def test_the_bundle_is_whole(shipped):
    folder = shipped[1] / "bundle"
    manifest = read_json(folder / "manifest.json")
    files = [*manifest["assets"], *(file for model in manifest["models"] for file in model["files"])]
    assert {file["path"]: file["sha256"] for file in files} == {
        path.name: sha256(path) for path in folder.iterdir() if path.name != "manifest.json"
    }
    assert (folder / "labels.txt").read_text().split() == manifest["labels"] == ["negative", "positive"]
    words = (folder / "vocab.txt").read_text().splitlines()
    assert words[:5] == tiny.SPECIAL and "superb" in words
    drivers = {(model["format"], model["driver"]): model["lengths"] for model in manifest["models"]}
    assert drivers == {("onnx", "single"): [], ("tflite", "by-signature"): [8, 16]}


def test_goldens_are_the_students_answers(shipped):
    golden = read_json(shipped[1] / "bundle" / "golden.json")
    assert len(golden["texts"]) >= 16
    rows = [row for row in dev_rows(shipped[1]) if row.text in {text["text"] for text in golden["texts"]}]
    expected = dict(zip([row.text for row in rows], student_logits(shipped[1] / "student", rows, 8), strict=True))
    checked = [text for text in golden["texts"] if text["text"] in expected]
    assert len(checked) == 16
    for text in checked:
        cut = next(cut for cut in text["cuts"] if cut["length"] == 8)
        assert cut["logits"] == pytest.approx(expected[text["text"]].tolist(), abs=1e-4)


def test_an_android_project_gets_the_bundle(shipped):
    _, out, app, _ = shipped
    assets = app / "app" / "src" / "main" / "assets" / "edgebert"
    there = {path.name: sha256(path) for path in assets.iterdir()}
    assert there == {path.name: sha256(path) for path in (out / "bundle").iterdir()}


# Doing it again


def test_a_second_run_does_nothing(shipped):
    arguments, out, _, _ = shipped
    before = {path: path.stat().st_mtime_ns for name in STAGES for path in (out / name).rglob("*")}
    begun = time.monotonic()
    process = tiny.edgebert(*arguments)
    assert process.returncode == 0
    assert time.monotonic() - begun < 10
    assert {path: path.stat().st_mtime_ns for name in STAGES for path in (out / name).rglob("*")} == before
    assert "distilling" not in process.stdout


def test_other_lengths_redo_the_files_and_not_the_training(again):
    code, out, redone = again(lengths=(12, 16))
    assert code == 0
    assert redone == {"task", "converted", "quantized", "verified", "profiled"}  # the task for its sanity report
    assert read_json(out / "run.json")["recipe"]["convert"]["lengths"] == [12, 16]
    assert sorted(path.name for path in (out / "converted").glob("reference*")) == [
        "reference-s12.npy", "reference-s16.npy"
    ]  # fmt: skip


def test_lengths_that_fit_the_rows_are_chosen_once(again, finished):
    code, out, _ = again(lengths=("auto",))
    assert code == 0
    lengths = read_json(out / "run.json")["recipe"]["convert"]["lengths"]
    tokens = [
        len(one)
        for one in TextEncoder(out / "task" / "tokenizer.json", 40).encode(Task.load(out / "task").rows("train"))
    ]
    assert lengths[-1] == 8 * -(-sorted(tokens)[int(0.99 * len(tokens))] // 8)
    assert read_json(out / "bundle" / "manifest.json")["tokenizer"]["max_length"] == lengths[-1]
    before = stamps(out)
    assert call("convert", out) == 0
    assert call(*finished[0], out, "--lengths", "auto") == 0
    assert stamps(out) == before


def test_a_stricter_gate_redoes_the_proof_and_keeps_failed_files_aside(again, capsys):
    code, out, redone = again("--max-drop", -50)
    assert code == 1
    assert redone == {"verified"}
    assert [path.name for path in (out / "rejected").iterdir()] == ["bert-1-16-int8.onnx"]
    assert sorted(path.name for path in (out / "bundle").glob("*.onnx")) == ["bert-1-16-fp32.onnx"]
    assert "bert-1-16-int8.onnx" not in json.dumps(read_json(out / "bundle" / "manifest.json"))
    message = capsys.readouterr().err
    assert "bert-1-16-int8.onnx" in message and f"They are kept aside in {out / 'rejected'}" in message
    assert "Traceback" not in message


def test_other_schemes_redo_the_small_files(again):
    code, out, redone = again("--schemes", "fp32")
    assert code == 0
    assert redone == {"quantized", "verified", "profiled"}
    assert [path.name for path in (out / "bundle").glob("*.onnx")] == ["bert-1-16-fp32.onnx"]


def test_another_timing_redoes_the_timing(again):
    assert again("--timed-calls", 3)[2] == {"profiled"}


def test_another_seed_redoes_the_student_and_what_follows(again):
    assert again("--seed", 1)[2] == set(STAGES[3:])


def test_speed_is_held_against_the_teacher_and_a_bert_base(finished, teacher_folder, tmp_path, monkeypatch):
    out = shutil.copytree(finished[1], tmp_path / "run")
    larger = load(tiny.save_checkpoint(tmp_path / "base", labels=("negative", "positive"), num_hidden_layers=4))
    monkeypatch.setattr(baselines, "_bert_base", lambda vocabulary, classes: larger)
    assert call("profile", out, "--baselines", "--timed-rows", 4) == 0
    assert call("report", out) == 0
    report = Report.load(out)
    for name, schemes in (("teacher", {"fp32", "int8"}), ("bert-base", {"fp32"}), ("student", {"fp32", "int8"})):
        assert {one.scheme for one in report.latencies if one.model == name} == schemes
    assert {(one.against, one.at) for one in report.speedups} >= {("teacher", "length"), ("bert-base", "length")}
    for one in report.speedups:
        assert one.ratio > 0 and one.files[0].startswith("bert-1-16")
    assert not (out / "profiled" / "scratch").exists()
    assert not list((out / "bundle").glob("*teacher*"))


def test_files_may_give_probabilities(finished, tmp_path):
    out = shutil.copytree(finished[1], tmp_path / "run")
    for verb in (("convert", out, "--output", "probabilities"), ("quantize", out), ("verify", out)):
        assert call(*verb) == 0
    rows = dev_rows(out)
    powers = np.exp(student_logits(out / "student", rows, 16))
    found = onnx_logits(out / "converted" / "bert-1-16-fp32.onnx", out, rows, 16)
    assert np.abs(found - powers / powers.sum(1, keepdims=True)).max() < 1e-5


def test_verb_by_verb_is_the_same_as_export(finished, teacher_folder, reviews_csv, tmp_path):
    out = tmp_path / "run"
    source = ("--teacher", teacher_folder, "--train", reviews_csv)
    assert call("finetune", *source, "--lengths", 8, 16, "--formats", "onnx", "--out", out) == 0
    for verb in (("distill", out, *STUDENT), ("convert", out), ("quantize", out), ("verify", out)):
        assert call(*verb) == 0
    assert call("profile", out, *QUICK) == 0
    assert call("report", out) == 0
    for folder, name in (("student", "model.safetensors"), ("bundle", "golden.json"), ("bundle", "labels.txt"),
                         ("bundle", "bert-1-16-fp32.onnx"), ("bundle", "bert-1-16-int8.onnx")):  # fmt: skip
        assert sha256(out / folder / name) == sha256(finished[1] / folder / name), name
    assert call(*finished[0], out, "--lengths", 8, 16) == 0
    before = stamps(out)
    assert call("quantize", out) == 0  # options of the run folder are the defaults
    assert stamps(out) == before


def test_a_verb_out_of_turn_names_the_one_before(tmp_path, teacher_folder, reviews_csv, capsys):
    out = tmp_path / "run"
    assert call("finetune", "--teacher", teacher_folder, "--train", reviews_csv, "--lengths", 16, "--out", out) == 0
    for verb, missing in (("convert", "distill"), ("quantize", "convert"), ("report", "verify")):
        assert call(verb, out) == 2
        assert f"Run: edgebert {missing}" in capsys.readouterr().err


# Other models and other tables


def test_ones_own_model_as_it_is_needs_no_train_table(teacher_folder, tmp_path):
    dev = tiny.write_table(tmp_path / "dev.csv", tiny.reviews()[:40])
    out = tmp_path / "run"
    code = call("export", "--teacher", teacher_folder, "--student", "none", "--dev", dev, "--lengths", 16, *ONNX,
                "--out", out)  # fmt: skip
    assert code == 0
    rows = dev_rows(out)
    assert len(rows) == 40
    found = onnx_logits(next((out / "bundle").glob("*-fp32.onnx")), out, rows, 16)
    assert np.abs(found - student_logits(teacher_folder, rows, 16)).max() < 1e-4
    report = Report.load(out)
    assert report.student.dev == report.teacher.dev == 100


def test_a_bare_encoder_is_fine_tuned_first_and_said_so(encoder_folder, reviews_csv, tmp_path, capsys):
    out = tmp_path / "run"
    source = ("--teacher", encoder_folder, "--train", reviews_csv)
    assert call("finetune", *source, "--epochs", 15, "--learning-rate", 3e-3, "--lengths", 16, "--out", out) == 0
    assert "is a bare encoder: fine-tuning it on" in capsys.readouterr().out
    scores = read_json(out / "teacher" / "scores.json")
    assert scores["fine_tuned"] and scores["dev"] > 85
    assert read_json(out / "teacher" / "config.json")["id2label"] == {"0": "negative", "1": "positive"}
    logits = student_logits(out / "teacher", dev_rows(out), 16)
    assert np.abs(np.load(out / "teacher" / "logits-dev.npy") - logits).max() < 1e-4


@pytest.mark.parametrize(
    ("rows", "columns", "labels"),
    [
        (tiny.pairs(), ("premise", "hypothesis", "label"), ["negative", "positive"]),
        (tiny.three_classes(), ("text", "label"), ["bad", "good", "plain"]),
    ],
    ids=["pairs", "three classes"],
)
def test_other_tasks(rows, columns, labels, encoder_folder, tmp_path):
    table, out = tiny.write_table(tmp_path / "train.csv", rows, columns), tmp_path / "run"
    code = call("finetune", "--teacher", encoder_folder, "--train", table, "--epochs", 12, "--learning-rate", 3e-3,
                "--lengths", 24, "--formats", "onnx", "--out", out)  # fmt: skip
    assert code == 0
    for verb in (("distill", out, *STUDENT), ("convert", out), ("quantize", out), ("verify", out)):
        assert call(*verb) == 0
    rows = dev_rows(out)
    assert (rows[0].pair is not None) == (len(columns) == 3)
    found = onnx_logits(out / "converted" / "bert-1-16-fp32.onnx", out, rows, 24)
    assert np.abs(found - student_logits(out / "student", rows, 24)).max() < 1e-4
    assert found.shape == (len(rows), len(labels))
    assert Task.load(out / "task").labels == tuple(labels)
    assert read_json(out / "student" / "scores.json")["dev"] > 100 / len(labels) + 20


@pytest.mark.parametrize("family", ["distilbert", "roberta", "electra", "mobilebert"])
def test_other_families_as_they_are_and_as_teachers(family, reviews_csv, tmp_path, capsys):
    teacher = tiny.save_checkpoint(tmp_path / family, family, labels=("negative", "positive"))
    out = tmp_path / "run"
    code = call("finetune", "--teacher", teacher, "--train", reviews_csv, "--lengths", 8, 32, "--formats", "onnx",
                "--out", out)  # fmt: skip
    assert code == 0
    for verb in (("distill", out, "--student", "none"), ("convert", out), ("quantize", out)):
        assert call(*verb) == 0
    assert call("verify", out, "--max-drop", 100) == 0
    rows = dev_rows(out)
    path = out / "converted" / f"{family}-fp32.onnx"
    assert np.abs(onnx_logits(path, out, rows, 32) - student_logits(teacher, rows, 32)).max() < 1e-4

    capsys.readouterr()
    code = call("distill", out, "--student", "bert-1-16", "--max-steps", 2)
    if family == "mobilebert":
        assert code == 2
        assert "--init teacher cannot take a student out of a 'mobilebert' teacher" in capsys.readouterr().err
        assert call("distill", out, "--student", "bert-1-16", "--init", "random", "--max-steps", 2) == 0
    else:
        assert code == 0
        assert "student starts from teacher layers 2 of 2, 16 of 32 dimensions" in capsys.readouterr().out
    assert read_stamp(out / "student")["settings"]["distill"]["student"] == "bert-1-16"
    assert np.isfinite(np.load(Path(out) / "student" / "logits-dev.npy")).all()


@pytest.mark.parametrize(("student", "pair"), [("bilstm", True), ("mobilebert", False)], ids=["bilstm", "mobilebert"])
def test_students_of_another_make(student, pair, encoder_folder, tmp_path, monkeypatch, capsys):
    from edgebert.students.architectures import mobilebert

    small = mobilebert.Shape(2, False, layers=2, embedding=16, body=32, bottleneck=16, heads=2, intermediate=16)
    monkeypatch.setitem(mobilebert.SHAPES, "mobilebert", small)
    rows, columns = (tiny.pairs(), ("premise", "hypothesis", "label")) if pair else (tiny.reviews(), ("text", "label"))
    table, out = tiny.write_table(tmp_path / "train.csv", rows, columns), tmp_path / "run"
    code = call("finetune", "--teacher", encoder_folder, "--train", table, "--epochs", 12, "--learning-rate", 3e-3,
                "--lengths", 24, "--out", out)  # fmt: skip
    assert code == 0
    learning = ("--method", "logits", "--epochs", 15, "--learning-rate", 5e-3, "--batch-size", 16)
    for verb in (("distill", out, "--student", student, *learning), ("convert", out), ("quantize", out)):
        assert call(*verb) == 0
    assert call("verify", out, "--max-drop", 3) == 0
    assert "student starts from its teacher's" in capsys.readouterr().out
    rows = dev_rows(out)
    expected = student_logits(out / "student", rows, 24)
    assert (expected.argmax(1) == [row.targets[0] for row in rows]).mean() > 0.85
    for found in (
        onnx_logits(out / "converted" / f"{student}-fp32.onnx", out, rows, 24),
        tflite_logits(out / "converted" / f"{student}-s24-fp32.tflite", out, rows, 24),
    ):
        assert np.abs(found - expected).max() < 1e-4


def test_a_student_larger_than_its_teacher_is_refused_or_warned_about(encoder_folder, reviews_csv, tmp_path, capsys):
    out = tmp_path / "run"
    larger = ("export", "--teacher", encoder_folder, "--train", reviews_csv, "--student", "bert-3-40", *ONNX,
              "--lengths", 16, "--out", out)  # fmt: skip
    assert call(*larger) == 2
    assert "the student's layers is 3 and the teacher's 2" in capsys.readouterr().err
    assert (out / "task").exists() and not (out / "teacher").exists()
    assert call("finetune", "--teacher", encoder_folder, "--train", reviews_csv, "--lengths", 16, "--out", out) == 0
    assert call("distill", out, "--student", "bert-3-40", "--init", "random", "--max-steps", 2) == 0
    shown = capsys.readouterr()
    assert "is larger than its teacher (2 of 32)" in " ".join((shown.out + shown.err).split())
