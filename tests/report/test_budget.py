"""Budgets: what fits, what is said, and the exit code."""

import shutil
from dataclasses import replace

import pytest
from finished_run import make_run
from tiny import call

from edgebert import report
from edgebert.errors import UserError
from edgebert.recipes.options import BudgetOptions
from edgebert.report import budget
from edgebert.report.entry import entries

BAD = "tinybert-4-s8-int8.tflite"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("run") / "artefacts", rejected=(BAD,))


@pytest.fixture(scope="module")
def built(made):
    return report.build(made)


@pytest.fixture
def run(made, tmp_path):
    return shutil.copytree(made, tmp_path / "run")


def fitting(built, **options):
    recipe = built.recipe | {"budget": BudgetOptions(**options).__dict__}
    return {fit.entry.name for fit in budget.of_run(replace(built, recipe=recipe)) if not fit.lacks}


def test_size_is_of_all_files_of_a_set_and_a_failed_file_never_fits(built):
    assert fitting(built, budget_mb=0.0152) == {"tinybert-4-int8.onnx", "tinybert-4-s16-int8.tflite"}
    assert "tflite int8 by length" not in fitting(built, budget_mb=0.0152)
    assert "tflite fp32 by length" in fitting(built, budget_mb=2 * 0.0572)


def test_time_is_at_the_percentile_and_the_threads_named(built):
    # The made-up times: p50 2.13 / threads at full length, 0.9 on own lengths; p90 1.1 and p99 1.4 times that.
    assert fitting(built, budget_ms=0.95, budget_percentile=50) >= {"tinybert-4-int8.onnx", "tflite fp32 by length"}
    assert not fitting(built, budget_ms=0.95)
    assert "tinybert-4-int8.onnx" in fitting(built, budget_ms=1.0)
    assert "tinybert-4-s16-int8.tflite" not in fitting(built, budget_ms=2.2)
    assert "tinybert-4-s16-int8.tflite" in fitting(built, budget_ms=1.2, budget_threads=2)


def test_at_a_number_of_tokens_the_next_length_is_what_counts(built):
    found = fitting(built, budget_ms=100, budget_length=9)
    assert "tinybert-4-s16-fp32.tflite" in found and "tinybert-4-s8-fp32.tflite" not in found
    latencies = {
        one.name: one.latency.conditions.length for one in entries(built, BudgetOptions(budget_length=8)) if one.latency
    }
    assert latencies["tinybert-4-s8-fp32.tflite"] == 8 and latencies["tflite fp32 by length"] == 8
    assert latencies["tinybert-4-s16-fp32.tflite"] == 16


def test_conditions_that_were_not_measured_are_refused(built):
    with pytest.raises(UserError, match="timed with 1 thread and 2 threads"):
        fitting(built, budget_ms=1, budget_threads=3)
    with pytest.raises(UserError, match="no file takes more than 16"):
        fitting(built, budget_ms=1, budget_length=17)
    with pytest.raises(UserError, match="not above 0"):
        BudgetOptions(budget_mb=0)
    with pytest.raises(UserError, match="50, 90 or 99"):
        BudgetOptions(budget_percentile=75)


def test_before_timing_only_the_size_is_judged(built):
    untimed = replace(built, latencies=(), recipe=built.recipe | {"budget": BudgetOptions(budget_ms=1e-9).__dict__})
    assert budget.missed(untimed) is None
    assert "No file was timed yet" in " ".join(budget.table(untimed).notes)


def test_missed_budget_is_exit_code_1_and_all_is_written(run, tmp_path, capsys):
    app = tmp_path / "app"
    assert call("report", run, "--budget-ms", 0.1, "--android", app) == 1
    shown = capsys.readouterr()
    assert "No file fits the budget: 0.1 ms at the 90th percentile, 1 thread" in shown.err
    assert "on the machine that timed it" in shown.err and "2.34" in shown.out
    assert (run / "report.html").is_file() and (run / "bundle" / "manifest.json").is_file()
    assert not app.exists()
    assert "No file fits the budget" in (run / "report.md").read_text()


def test_kept_budget_is_exit_code_0(run, tmp_path, capsys):
    app = tmp_path / "app"
    assert call("report", run, "--budget-ms", 3, "--budget-mb", 0.02, "--android", app) == 0
    assert list(app.rglob("manifest.json"))
    assert "fits" in capsys.readouterr().out


def test_run_keeps_its_budget_until_it_is_told_another(run):
    assert call("report", run, "--budget-mb", 0.001) == 1
    assert call("report", run) == 1
    assert call("report", run, "--budget-mb", 1) == 0


def test_conditions_that_were_not_measured_change_nothing(run, capsys):
    assert call("report", run, "--budget-ms", 1, "--budget-threads", 9) == 2
    assert "--budget-threads 9" in capsys.readouterr().err
    assert not (run / "report.html").exists()
    assert call("report", run) == 0
