"""Which file suits which device: a column and a front a device, measured and predicted apart."""

import json

import pytest
from finished_run import make_run
from other_devices import with_phone, with_predictions
from test_html import Page
from tiny import call

from edgebert import report
from edgebert.recipes.options import BudgetOptions
from edgebert.report.compare import charts, comparison, pages, tables


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory):
    built = report.build(make_run(tmp_path_factory.mktemp("run") / "artefacts"))
    return with_predictions(with_phone(built))


def by_device(found):
    (board,) = found.boards
    return {(one.device, one.basis): k for k, one in enumerate(board.columns)}


def test_measured_and_predicted_are_columns_of_their_own(everywhere):
    same = with_predictions(everywhere, device="Samsung Galaxy", threads=1)
    found = comparison({"a": same}, BudgetOptions())
    (board,) = found.boards
    columns = by_device(found)
    assert [basis for _, basis in columns] == ["measured", "measured", "predicted"]
    headings = tables.files(found, board).columns
    assert "Samsung Galaxy, 1 thread: measured mean ms" in headings
    assert "Samsung Galaxy, 1 thread: predicted ms" in headings


def test_each_device_has_its_own_times_and_front(everywhere):
    found = comparison({"a": everywhere}, BudgetOptions())
    (board,) = found.boards
    columns = by_device(found)
    by_name = {row.entry.label: row for row in board.rows}
    int8 = by_name["TFLite int8 16"]
    assert int8.times[columns["Samsung Galaxy", "measured"]].ms == 8.0
    predicted = int8.times[columns["pixel4", "predicted"]]
    assert (predicted.ms, predicted.low_ms, predicted.high_ms) == (6.0, 3.0, 12.0)
    assert by_name["ONNX int8"].times[columns["Samsung Galaxy", "measured"]] is None, "ONNX is not timed on phones"


def test_a_run_is_best_on_one_device_and_not_on_another(everywhere):
    other = with_predictions(with_phone(everywhere, factor=3), factor=9)
    found = comparison({"a": everywhere, "b": other}, BudgetOptions())
    (board,) = found.boards
    best = {
        device: {row.run for row in board.rows if row.times[k] and row.times[k].best}
        for (device, _), k in by_device(found).items()
    }
    assert best == {"AMD EPYC 9B45 (made up), 2 cores": {"a", "b"}, "Samsung Galaxy": {"b"}, "pixel4": {"a"}}


def test_a_budget_tells_what_suits_which_device(everywhere):
    found = comparison({"a": everywhere}, BudgetOptions(budget_ms=7, budget_length=16))
    (board,) = found.boards
    columns = by_device(found)
    fitting = {device: {row.entry.scheme for row in board.fitting(k)} for (device, _), k in columns.items()}
    assert fitting == {
        "AMD EPYC 9B45 (made up), 2 cores": {"fp32", "int8"},
        "Samsung Galaxy": set(),
        "pixel4": {"int8"},
    }
    picks = {row[0]: row for row in tables.picks(found, board).rows}
    assert picks["Samsung Galaxy"][2] == "no file fits" and "int8" in picks["pixel4"][2]
    assert "fp32" in picks["AMD EPYC 9B45 (made up), 2 cores"][2], "the better score of those that fit"
    rows = {row[0]: row for row in tables.files(found, board).rows}
    assert rows["a: tinybert-4-s16-int8.tflite"][-1] == "fits 2 of 3 devices"


def test_page_has_a_drawing_a_device_and_every_cell(everywhere):
    found = comparison({"a": everywhere}, BudgetOptions(budget_ms=7))
    page = Page(pages.html(found))
    assert not page.open
    shown = " ".join(charts.drawn(found, found.boards[0]))
    assert "Score and time on Samsung Galaxy" in shown and "Score and time predicted for pixel4" in shown
    assert "no file fits" in page.cells and "6.00 (3.00 to 12.0) ★" in page.cells
    assert "Predicted, not measured" in pages.markdown(found)


def test_one_report_is_compared_over_devices_and_nothing_fits_is_exit_1(everywhere, tmp_path, capsys):
    everywhere.write(tmp_path)
    out = tmp_path / "out.json"
    assert call("compare", tmp_path, "--budget-ms", 7, "--json", out) == 0
    assert "What suits which device" in capsys.readouterr().out
    columns = json.loads(out.read_text())["boards"][0]["columns"]
    assert [one["basis"] for one in columns] == ["measured", "measured", "predicted"]
    assert call("compare", tmp_path, "--budget-ms", 0.5) == 1
    assert "0.5 ms at the 90th percentile" in capsys.readouterr().err


def test_threads_of_a_phone_are_known_too(everywhere, tmp_path, capsys):
    with_phone(everywhere, threads=4).write(tmp_path)
    assert call("compare", tmp_path, "--budget-threads", 4) == 0
    assert call("compare", tmp_path, "--budget-threads", 3) == 2
    assert "timed with 1 thread and 2 threads and 4 threads" in capsys.readouterr().err
