"""What a user reads: the terminal at its usual widths, and the page."""

import io
from dataclasses import replace

import pytest
from finished_run import REASON, make_run
from rich.console import Console

from edgebert import console, report
from edgebert.profile.operators import OperatorTimes
from edgebert.report import markdown, parts
from edgebert.runtimes.jobs import OperatorTime

BAD = "tinybert-4-s8-int8.tflite"
STAGES = ("task", "teacher", "transfer", "student", "converted", "quantized", "verified", "profiled")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("run") / "artefacts", rejected=(BAD,))


@pytest.fixture
def terminal(monkeypatch):
    def of(width):
        recorded = Console(width=width, record=True, file=io.StringIO(), highlight=False)
        monkeypatch.setattr(console, "console", recorded)
        monkeypatch.setattr(console, "errors", recorded)
        return recorded

    return of


@pytest.mark.parametrize("width", [80, 120])
def test_tables_fit_the_terminal(run, terminal, width):
    screen = terminal(width)
    for stage in STAGES:
        report.stage_table(run, stage)
    report.summary(report.build(run))
    lines = screen.export_text().splitlines()
    cells = [line for line in lines if "│" in line]
    assert cells
    assert max(map(len, lines)) <= max(width, max(len(line) for line in lines if line.startswith("warning")))
    # A folded cell leaves a line whose first column goes on, or whose other columns are empty.
    folded = [line for line in cells if all(not cell.strip() for cell in line.split("│")[1:])]
    assert not folded


def test_each_stage_says_what_changed(run, terminal):
    def shown(stage):
        screen = terminal(120)
        report.stage_table(run, stage)
        return screen.export_text()

    assert "22.7 M" in shown("teacher")
    student = shown("student")
    assert "84.14" in student and "83.42" in student and "99.1 %" in student and "75.70 before training" in student
    assert "tinybert-4-s16-fp32.tflite" in shown("converted")
    assert "3.8x" in shown("quantized")
    verified = shown("verified")
    assert "REJECTED" in verified and REASON in verified and "98.77" in verified and "0.140" in verified
    profiled = shown("profiled")
    assert "2.13 / 2.34" in profiled and "8.2x" in profiled and "2 threads" in profiled


def test_numbers_of_time_carry_their_conditions(run, terminal):
    screen = terminal(120)
    report.summary(report.build(run))
    text = screen.export_text()
    for condition in ("litert 2.3.0", "AMD EPYC 9B45", "1 thread", "180 calls", "batch 1"):
        assert condition in text


def test_page_has_every_part_and_rejected_files_first(run):
    page = markdown.render(report.build(run))
    assert page.index(REASON) < page.index("## What went in")
    parts = ["What went in", "Teacher and student", "Files", "Times faster", "Worst sentences", "How it was made"]
    places = [page.index(f"## {part}") for part in parts]
    assert places == sorted(places)
    assert "onnxruntime" in page and "student 0" in page


def test_rows_of_a_table_have_as_many_cells_whatever_users_wrote(run):
    page = markdown.render(report.build(run))
    row = next(line for line in page.splitlines() if "plot with" in line)
    assert row.startswith(r"| a \| plot with \[no] \<film> | ")
    tables = [block for block in page.split("\n\n") if block.startswith("|")]
    for table in tables:
        assert len({line.replace(r"\|", "").count("|") for line in table.splitlines()}) == 1


def test_own_model_as_it_is_has_one_row_and_no_retention(run):
    built = report.build(run)
    built = replace(built, student_name="none", student=replace(built.student, name="none"))
    page = markdown.render(built)
    assert "your model" in page and "kept" not in page


def test_bert_base_is_not_spoken_of_unless_it_was_timed(run):
    built = report.build(run)
    without = tuple(one for one in built.speedups if one.against != "bert-base")
    page = markdown.render(replace(built, speedups=without, latencies=built.latencies))
    assert "BERT-base: 12 layers" not in page and "teacher: this run's own" in page


def test_a_run_whose_engines_tell_no_operator_has_no_table_of_them(run):
    told = OperatorTimes(
        file="x.onnx", format="onnx", scheme="fp32", length=8, engine="ort", engine_version="1", calls=1,
        operators=(OperatorTime("Gemm", 2, 0.5),),
    )  # fmt: skip
    found, heading = report.build(run), "## Time by operator"
    assert heading in markdown.render(replace(found, operators=(told,)))
    assert heading not in markdown.render(replace(found, operators=(replace(told, operators=None),)))


def test_operators_that_take_next_to_nothing_share_a_row(run):
    times = (OperatorTime("Gemm", 2, 9.0), OperatorTime("Gather", 3, 0.05), OperatorTime("Slice", 4, 0.03))
    told = OperatorTimes(
        file="x.onnx", format="onnx", scheme="fp32", length=8, engine="ort", engine_version="1", calls=1,
        operators=times,
    )  # fmt: skip
    table = parts.operators(replace(report.build(run), operators=(told,)))
    assert [row[1:3] for row in table.rows] == [["Gemm", "2"], ["2 more kinds", "7"]]
    assert table.rows[1][3] == "0.08"
