"""The whole chain for several labels a row and for a number: files in both engines against the student."""

import json
import shutil

import numpy as np
import pytest
import tiny
from test_export import QUICK, STUDENT, dev_rows, onnx_logits, student_logits, tflite_logits
from tiny import call

from edgebert.files import read_json
from edgebert.report.report import Report
from edgebert.tasks import kinds
from edgebert.tasks.task import Task

pytestmark = pytest.mark.slow

LABELS = {"good": ["praise", "opinion"], "bad": ["blame", "opinion"], "plain": []}
# The order of numbers that differ by noise alone is easily lost.
QUANTIZE = ("quantize", "--max-loss", 10)
VERIFY = ("verify", "--max-drop", 10)
LEVELS = {"good": 9000.0, "bad": 1000.0, "plain": 4000.0}


def labels_table(path):
    lines = [json.dumps({"text": text, "labels": LABELS[mood]}) for text, mood in tiny.three_classes()]
    path.write_text("\n".join(lines) + "\n")
    return path


def numbers_table(path):
    """Numbers far from 0 and far apart, as prices are."""
    rows = [(text, LEVELS[mood] + i % 31 / 4) for i, (text, mood) in enumerate(tiny.three_classes())]
    return tiny.write_table(path, rows, ("text", "score"))


@pytest.fixture(scope="module", params=["labels", "number"])
def run(request, encoder_folder, tmp_path_factory):
    """Kind and folder of a run from a bare encoder to verified files in both formats."""
    folder = tmp_path_factory.mktemp(request.param)
    table = labels_table(folder / "t.jsonl") if request.param == "labels" else numbers_table(folder / "t.csv")
    out = folder / "run"
    assert call("finetune", "--teacher", encoder_folder, "--train", table, "--epochs", 12, "--learning-rate", 3e-3,
                "--lengths", 16, "--out", out) == 0  # fmt: skip
    for verb in (("distill", *STUDENT), ("convert",), QUANTIZE, VERIFY, ("profile", *QUICK), ("report",)):
        assert call(verb[0], out, *verb[1:]) == 0
    return request.param, out


def gold(out):
    return Task.load(out / "task").rows("dev").targets


def test_teacher_and_student_learn(run):
    kind, out = run
    report = Report.load(out)
    assert report.task.kind == kind and report.teacher.metric == kinds.get(kind).METRIC
    assert report.teacher.dev > 80 and report.student.dev > 80
    for model in ("teacher", "student"):
        config = read_json(out / model / "config.json")
        assert config["problem_type"] == kinds.get(kind).PROBLEM_TYPE
        assert list(config["id2label"].values()) == list(report.task.labels)
        scores = kinds.get(kind).scores(student_logits(out / model, dev_rows(out), 16), gold(out))
        assert getattr(report, model).dev == pytest.approx(scores[kinds.get(kind).METRIC], abs=0.01)
        if kind == "number":  # in the table's own unit: levels are 3000 and more apart
            assert scores["mean_absolute_error"] < 1000


@pytest.mark.parametrize("scheme", ["fp32", "int8"])
def test_files_answer_as_the_student(run, scheme):
    kind, out = run
    rows = dev_rows(out)
    expected = student_logits(out / "student", rows, 16)
    unit = kinds.get(kind).unit(gold(out))
    for found in (
        onnx_logits(out / "bundle" / f"bert-1-16-{scheme}.onnx", out, rows, 16),
        tflite_logits(out / "bundle" / f"bert-1-16-s16-{scheme}.tflite", out, rows, 16),
    ):
        assert found.shape == expected.shape == (len(rows), {"labels": 3, "number": 1}[kind])
        assert np.abs(found - expected).max() / unit < (1e-4 if scheme == "fp32" else 0.5)


def test_verify_scores_what_the_file_answers(run):
    kind, out = run
    rows, found = dev_rows(out), kinds.get(kind)
    score = next(one for one in Report.load(out).scores.files if (one.format, one.scheme) == ("onnx", "int8"))
    # One row a call, as an app does: this file scales a batch as a whole.
    answers = np.concatenate([onnx_logits(out / "bundle" / score.file, out, [row], 16) for row in rows])
    expected = student_logits(out / "student", rows, 16)
    assert score.metrics == pytest.approx(found.scores(answers, gold(out)), rel=1e-3)
    change = np.abs(found.values(answers) - found.values(expected)).max() / found.unit(gold(out))
    assert score.max_change == pytest.approx(change, rel=0.02)
    worst = rows[score.worst[0].row]
    assert score.worst[0].label == kinds.spoken(found.gold(worst.targets, Task.load(out / "task").labels))


def test_the_bundle_says_what_the_output_means(run):
    kind, out = run
    manifest, golden = (read_json(out / "bundle" / f"{name}.json") for name in ("manifest", "golden"))
    assert manifest["kind"] == golden_kind(golden) == kind
    assert (out / "bundle" / "labels.txt").read_text().splitlines() == manifest["labels"]
    for model in manifest["models"]:
        assert (model["quality"]["agreement"] is None) == (kind == "number")
    shown = (out / "report.md").read_text()
    assert kinds.get(kind).METRIC.replace("_", "\\_") in shown and kinds.get(kind).VALUE in shown


def golden_kind(golden):
    answers = {type(text["label"]) for text in golden["texts"] if text["label"] is not None}
    assert len({str(text["label"]) for text in golden["texts"] if text["name"].startswith("dev")}) > 2
    return {"list": "labels", "float": "number", "str": "classes"}[answers.pop().__name__]


def test_probabilities_are_sigmoids_and_a_number_has_none(run, tmp_path, capsys):
    kind, done = run
    out = shutil.copytree(done, tmp_path / "run")
    code = call("convert", out, "--output", "probabilities")
    if kind == "number":
        assert code == 2
        assert "--output probabilities: the task is a number, which has none." in capsys.readouterr().err
        return
    assert code == 0
    for verb in (QUANTIZE, VERIFY):
        assert call(verb[0], out, *verb[1:]) == 0
    rows = dev_rows(out)
    expected = 1 / (1 + np.exp(-student_logits(out / "student", rows, 16)))
    found = onnx_logits(out / "converted" / "bert-1-16-fp32.onnx", out, rows, 16)
    assert np.abs(found - expected).max() < 1e-5


def test_a_checkpoint_of_the_kind_is_the_teacher_as_it_is(run, tmp_path, capsys):
    kind, done = run
    table = next(done.parent.glob("t.*"))
    out = tmp_path / "run"
    teacher = done / "teacher"
    assert call("finetune", "--teacher", teacher, "--dev", table, "--lengths", 16, "--formats", "onnx",
                "--out", out) == 0  # fmt: skip
    assert "as the teacher was trained" in capsys.readouterr().out
    for verb in (("distill", "--student", "none"), ("convert",), QUANTIZE, VERIFY):
        assert call(verb[0], out, *verb[1:]) == 0
    rows = dev_rows(out)
    found = onnx_logits(next((out / "converted").glob("*-fp32.onnx")), out, rows, 16)
    expected = student_logits(teacher, rows, 16)
    assert np.abs(found - expected).max() / kinds.get(kind).unit(gold(out)) < 1e-4
