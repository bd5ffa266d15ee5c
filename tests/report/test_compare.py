"""Several reports: what is put into one ranking, what is best, what is refused."""

import json
from dataclasses import replace

import pytest
from finished_run import make_run
from test_html import Page
from tiny import call

from edgebert import report
from edgebert.errors import UserError
from edgebert.recipes.options import BudgetOptions
from edgebert.report.compare import charts, comparison, load, pages, tables
from edgebert.report.markdown import cell
from edgebert.report.pareto import front


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return report.build(make_run(tmp_path_factory.mktemp("run") / "artefacts", rejected=("tinybert-4-s8-int8.tflite",)))


def other(built, *, points=0.0, slower=1.0, processor=None, **fields):
    """The same run with other numbers."""

    def score(one):
        return replace(one, metrics={"accuracy": one.metrics["accuracy"] + points})

    def time(one):
        conditions = replace(one.conditions, processor=processor or one.conditions.processor)
        return replace(
            one,
            p50_ms=one.p50_ms * slower,
            p90_ms=one.p90_ms * slower,
            p99_ms=one.p99_ms * slower,
            conditions=conditions,
        )

    scores = replace(
        built.scores, files=tuple(map(score, built.scores.files)), drivers=tuple(map(score, built.scores.drivers))
    )
    return replace(built, scores=scores, latencies=tuple(map(time, built.latencies)), **fields)


def best(found, board=0):
    """Files on the front of a device."""
    return {
        (row.run, row.entry.name) for row in found.boards[board].rows if any(time and time.best for time in row.times)
    }


def test_front_is_what_nothing_beats():
    assert front([(3, 90), (1, 80), (2, 80), (2, 85), (4, 89)]) == [1, 3, 0]
    assert front([(1, 80), (1, 80), (1, 79)]) == [0, 1], "of equal points all"
    assert front([(2, 80), (1, 80)]) == [1]
    assert front([]) == []


def test_runs_on_the_same_rows_are_one_ranking(built):
    found = comparison({"a": built, "b": other(built, points=1.0)}, BudgetOptions())
    (board,) = found.boards
    scores = [row.entry.score for row in board.rows]
    assert scores == sorted(scores, reverse=True) and len(scores) == 16
    assert board.rows[0].run == "b"
    assert {run for run, _ in best(found)} == {"b"}, "b is better at the same time, everywhere"


def test_a_worse_run_is_best_where_it_is_faster(built):
    found = comparison({"a": built, "b": other(built, points=-1.0, slower=0.1)}, BudgetOptions())
    assert {run for run, _ in best(found)} == {"a", "b"}


def test_each_machine_has_its_own_front(built):
    phone = other(built, points=-1.0, slower=9, processor="Cortex-X1")
    found = comparison({"a": built, "b": phone}, BudgetOptions())
    assert {run for run, _ in best(found)} == {"a", "b"}
    assert [heading for heading in tables.files(found, found.boards[0]).columns if "Cortex-X1, 2 cores" in heading]
    titles = [one for one in charts.drawn(found, found.boards[0]) if "Cortex-X1" in one]
    assert len(titles) == 1 and "b, tinybert-4-fp32.onnx" in titles[0] and "a, tinybert" not in titles[0]


def test_a_failed_file_is_no_front(built):
    found = comparison({"a": built, "b": other(built)}, BudgetOptions())
    assert not [row for row in found.boards[0].rows if row.best_by_size and not row.entry.passed]
    assert "tinybert-4-s8-int8.tflite" not in {name for _, name in best(found)}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda one: replace(one, scores=replace(one.scores, metric="macro_f1")),
            "one has accuracy, the other macro_f1",
        ),
        (lambda one: replace(one, scores=replace(one.scores, rows=41)), "on 40 dev rows, the other on 41"),
        (lambda one: replace(one, dev_sha256="0" * 64), "on different dev rows"),
        (lambda one: replace(one, dev_sha256=None), "does not say which dev rows"),
    ],
)
def test_scores_that_are_not_comparable_are_not_ranked(built, change, reason):
    found = comparison({"a": built, "b": change(other(built, points=5))}, BudgetOptions())
    assert [len(board.rows) for board in found.boards] == [8, 8]
    assert {run for run, _ in best(found, 0)} == {"a"} and reason in found.reasons[0]
    assert reason in pages.html(found) and cell(reason) in pages.markdown(found)


def test_what_differs_is_said(built):
    teacher = replace(built.teacher, source="another-bert")
    changed = other(built, teacher=teacher)
    changed = replace(changed, scores=replace(
        changed.scores, files=tuple(replace(one, engine_version="9.9") for one in changed.scores.files)
    ))  # fmt: skip
    warnings = " ".join(comparison({"a": built, "b": changed}, BudgetOptions()).boards[0].warnings)
    assert (
        "Different teachers (my-bert, another-bert)" in warnings
        and "Different versions of ort: 1.31.1, 9.9" in warnings
    )


def test_pages_have_every_file_and_need_nothing_from_elsewhere(built):
    evil = "<script>b</script>"
    found = comparison({"a": built, evil: other(built, points=1)}, BudgetOptions(budget_mb=0.02))
    text = pages.html(found)
    page = Page(text)
    assert not page.open and len(page.all("script")) == 1
    assert not [name for _, attributes in page.tags for name in attributes if name in ("src", "href")]
    rows = tables.files(found, found.boards[0]).rows
    assert {row[0] for row in rows} <= set(page.cells) and len(rows) == 16
    assert page.cells.count("fits") == sum(row[-1] == "fits" for row in rows) == 4
    assert all(row[0].replace("<", "\\<") in pages.markdown(found) for row in rows)


@pytest.fixture
def two(tmp_path, built):
    for name, one in (("a", built), ("b", other(built, points=-0.5))):
        (tmp_path / name).mkdir()
        one.write(tmp_path / name)
    return tmp_path / "a", tmp_path / "b"


def test_command_prints_and_writes(two, tmp_path, capsys):
    names = {kind: tmp_path / f"out.{kind}" for kind in ("json", "markdown", "html")}
    options = [word for kind, path in names.items() for word in (f"--{kind}", path)]
    assert call("compare", *two, *options) == 0
    shown = capsys.readouterr().out
    assert "a: TFLite int8 16" in shown and "83.06" in shown and "82.56" in shown
    values = json.loads(names["json"].read_text())
    assert values["schema"] == 2 and len(values["boards"][0]["rows"]) == 16
    assert "| a: tinybert-4-int8.onnx |" in names["markdown"].read_text()
    assert "<svg" in names["html"].read_text()


def test_report_files_do_as_well_as_folders(two, capsys):
    assert call("compare", two[0], two[1] / "report.json") == 0
    assert "b: ONNX int8" in capsys.readouterr().out


def test_exit_code_says_whether_anything_fits(two, capsys):
    assert call("compare", *two, "--budget-mb", 0.02, "--budget-ms", 3) == 0
    assert "fits" in capsys.readouterr().out
    assert call("compare", *two, "--budget-ms", 0.01) == 1
    assert "No file of these reports fits the budget: 0.01 ms" in capsys.readouterr().err


def test_bad_input_is_named(two, tmp_path, capsys):
    def refused(*arguments):
        assert call("compare", *arguments) == 2
        return capsys.readouterr().err

    assert "one report or more" in refused()
    assert "named twice" in refused(two[0], two[0] / "report.json")
    assert "has no report" in refused(two[0], tmp_path / "nowhere")
    assert "has no report" in refused(two[0], tmp_path)
    (tmp_path / "list.json").write_text("[1, 2]")
    assert "is no report of edgebert" in refused(two[0], tmp_path / "list.json")
    (tmp_path / "half.json").write_text('{"schema": 1, "stu')
    assert "is no report of edgebert" in refused(two[0], tmp_path / "half.json")
    (tmp_path / "newer.json").write_text(json.dumps(json.loads((two[1] / "report.json").read_text()) | {"schema": 9}))
    assert "has the schema 9; this edgebert reads 1" in refused(two[0], tmp_path / "newer.json")
    report.build(make_run(tmp_path / "young", until="student")).write(tmp_path / "young")
    assert "have not been verified" in refused(two[0], tmp_path / "young")
    assert "takes more than 16" in refused(*two, "--budget-length", 99)


def test_names_tell_reports_apart(tmp_path, built):
    for folder in ("x/run", "y/run"):
        (tmp_path / folder).mkdir(parents=True)
        built.write(tmp_path / folder)
    assert list(load([tmp_path / "x/run", tmp_path / "y/run"])) == ["x/run", "y/run"]
    with pytest.raises(UserError):
        load([])
