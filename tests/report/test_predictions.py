"""What is predicted for a device: beside what was measured, never among it, and what a budget is held against."""

import json

import pytest
from finished_run import make_run
from other_devices import predicted, with_predictions
from tiny import call
from toy_files import write_onnx

import device_profiles
from converters.artefact import save_list
from edgebert import report
from edgebert.errors import GateError
from edgebert.files import sha256
from edgebert.profile import predicted as stage
from edgebert.recipes.options import BudgetOptions
from edgebert.report import budget, html, markdown, predictions
from edgebert.report.entry import entries


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("run") / "artefacts")


@pytest.fixture
def guessed(run, monkeypatch):
    """`edgebert report` where every prediction is 15 ms in fp32 and 6 ms in int8."""
    made = {file.path: file for file in report.build(run).files}

    def predict(path, device, *, engine, threads, length):
        return predicted(made[path.name], device.name, 3.0, threads)

    monkeypatch.setattr(stage, "predict", predict)
    return run


def test_prediction_and_measurement_are_columns_of_their_own(run):
    found = with_predictions(report.build(run))
    table = predictions.table(found)
    row = dict(zip(table.columns, {one[0]: one for one in table.rows}["tinybert-4-s16-int8.tflite"], strict=True))
    assert row["predicted ms"] == "6.00" and row["between"] == "3.00 to 12.0"
    assert row["measured here, ms"] == "2.13" and row["coverage"] == "100 %"
    assert "Predicted for pixel4" in html.render(found) and "not measured there" in markdown.render(found)
    assert "Predicted for" not in html.render(report.build(run))


def test_a_budget_is_held_against_the_prediction(run):
    found = with_predictions(report.build(run))
    wanted = BudgetOptions(budget_ms=7)
    fits = budget.judge(entries(found, wanted), wanted, predictions=found.predictions)
    assert {fit.entry.scheme for fit in fits if not fit.lacks} == {"int8"}
    assert {fit.ms for fit in fits} == {15.0, 6.0}


def test_report_predicts_gates_and_remembers_the_device(guessed, capsys):
    assert call("report", guessed, "--device", "pixel4", "--threads", 2, "--budget-ms", 7) == 0
    shown = capsys.readouterr().out
    assert "predicted ms" in shown and "7 ms predicted for" in shown
    kept = json.loads((guessed / "report.json").read_text())
    assert {one["threads"] for one in kept["predictions"]} == {2}
    assert call("report", guessed, "--budget-ms", 5.5) == 1, "the run knows its device"
    assert "5.5 ms predicted for Google Pixel 4" in capsys.readouterr().err


def test_an_unknown_device_is_refused(run, capsys):
    assert call("report", run, "--device", "pixel44") == 2
    assert "Did you mean 'pixel4'" in capsys.readouterr().err


def test_real_files_are_read(tmp_path):
    save_list([write_onnx(tmp_path / "files", "any.onnx")], tmp_path / "files")
    found = stage.predict_files([tmp_path / "files"], device_profiles.load("pixel4"), 4, 32, tmp_path)
    assert stage.load(tmp_path) == found
    (one,) = found
    assert one.sha256 == sha256(tmp_path / "files" / "any.onnx") and one.length == 32 and one.low_ms < one.ms


def test_a_file_of_unknown_operators_is_left_out_with_the_reason(guessed, monkeypatch, capsys):
    guess = stage.predict

    def predict(path, device, **settings):
        if path.suffix == ".onnx":
            raise GateError(f"{path.name}: the cost of only 40% of its operators is known.")
        return guess(path, device, **settings)

    monkeypatch.setattr(stage, "predict", predict)
    assert call("report", guessed, "--device", "pixel4", "--threads", 3, "--budget-ms", 100) == 0
    found = report.build(guessed)
    assert {one.file.rpartition(".")[2] for one in found.predictions} == {"tflite"}
    assert "onnx: the cost of only 40%" in found.unpredicted[0]
    assert "only 40%" in capsys.readouterr().err and "Not predicted: " in markdown.render(found)
