"""The page: nothing from elsewhere, nothing unescaped, the report's own numbers."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from finished_run import REASON, make_run

from edgebert import report
from edgebert.profile.operators import OperatorTimes
from edgebert.recipes.options import BudgetOptions
from edgebert.report import html, overview, tables, words
from edgebert.report.html.scatter import Mark, Scatter, log_ticks, ticks
from edgebert.runtimes.jobs import OperatorTime
from edgebert.verify.interval import Kept

BAD = "tinybert-4-s8-int8.tflite"
ALONE = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """What a browser would see: tags in order, text, and whether every tag is closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.words, self.cells = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ALONE:
            self.open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)
        if {"td", "th"} & set(self.open):
            self.cells[-1] += data

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return report.build(make_run(tmp_path_factory.mktemp("run") / "artefacts", rejected=(BAD,)))


@pytest.fixture(scope="module")
def page(built):
    return Page(html.render(built))


def test_needs_nothing_from_elsewhere(built, page):
    assert not [name for _, attributes in page.tags for name in attributes if name in ("src", "href", "xlink:href")]
    text = html.render(built)
    assert not re.search(r"https?://|//[a-z]+\.|url\(|@import|fetch\(|XMLHttpRequest", text)
    assert len(text) < 300_000


def test_is_well_formed_and_has_one_heading_of_each_part(page):
    assert not page.open
    assert len(page.all("h1")) == 1
    named = {attributes["id"] for attributes in page.all("h2")}
    assert named == {"rejected", "score", "files", "models", "times", "worst", "padding", "input", "made"}
    assert named == {attributes["aria-labelledby"] for attributes in page.all("section")}


def test_can_be_read_aloud(page):
    assert page.all("html")[0]["lang"] == "en"
    assert all(attributes["role"] == "img" and attributes["aria-label"] for attributes in page.all("svg"))
    assert len(page.all("svg")) == 4
    assert all(attributes.get("scope") in ("row", "col") for attributes in page.all("th"))


def test_what_users_wrote_is_text_and_nothing_else(built):
    evil = "<script>alert('x')</script>\"'><img src=x onerror=y>&amp;"
    score = built.scores.files[-1]
    worst = (replace(score.worst[0], text=evil),)
    scores = replace(built.scores, files=(*built.scores.files[:-1], replace(score, worst=worst, reasons=(evil,))))
    task = replace(built.task, name=evil, labels=(evil, "positive"))
    sanity = replace(built.sanity, tables={evil: evil}, notes=(evil,), balance={"dev": {evil: 3, "positive": 4}})
    page = Page(html.render(replace(built, scores=scores, task=task, sanity=sanity, student_name=evil)))
    assert not page.open
    assert len(page.all("script")) == 1 and not page.all("img")
    assert "".join(page.words).count("<script>alert('x')</script>") >= 7


@pytest.mark.parametrize("table", [overview.files, tables.models, tables.worst], ids=["files", "models", "worst"])
def test_every_number_is_the_reports(built, page, table):
    shown = table(built)
    cells = {" ".join(cell.split()) for row in shown.rows for cell in row}
    assert cells and not cells - {" ".join(cell.split()) for cell in page.cells}


def test_charts_show_each_file_at_its_numbers(built, page):
    spoken = " ".join(attributes["aria-label"] for attributes in page.all("svg"))
    for score in built.scores.files:
        assert f"{score.file}: {words.points(score.metrics['accuracy'])} accuracy, {score.bytes / 1e6:.1f} MB" in spoken
    for one in built.latencies:
        if (one.model, one.conditions.threads) == ("student", 1) and len(one.files) == 1:
            assert re.search(rf"{re.escape(one.files[0])}: \S+ accuracy, {re.escape(words.ms(one.p50_ms))} ms", spoken)
    assert f"{BAD}: 83.06 accuracy, 2.13 ms, does not ship" in spoken
    assert "BERT-base" in "".join(page.words) and "teacher, fp32 tflite: 84.14 accuracy in PyTorch" in spoken


def test_rejected_files_come_first(page):
    text = " ".join(page.words)
    assert text.index(REASON) < text.index("Score against time and size")
    assert "1 of 8 files and sets failed." in text


def test_a_refusal_for_another_runtime_is_in_the_verdict(built):
    right = [replace(score, reasons=()) for score in (*built.scores.files, *built.scores.drivers)]
    wrong = replace(right[0], engine="tflite-runtime", decides=False, reasons=("It is wrong there.",))
    scores = replace(built.scores, files=(*right, wrong), drivers=())
    page = Page(html.render(replace(built, scores=scores)))
    assert "Every file passed its gate; some are refused for tflite-runtime." in " ".join(page.words)


def test_retention_has_its_interval_once_there_is_one(built, page):
    assert "99.1 %" in page.cells
    kept = Kept(percent=99.14, low=97.8, high=100.1, rows=40, resamples=1000)
    page = Page(html.render(replace(built, scores=replace(built.scores, kept_of_teacher=kept))))
    assert "99.1 % (97.8 to 100.1)" in page.cells
    assert "95 % interval: a paired bootstrap over the dev rows, 1,000 resamples" in "".join(page.words)


def test_time_by_operator_is_shown_where_there_is_any(built, page):
    assert "Time by operator" not in "".join(page.words)
    of = {"file": "a.onnx", "format": "onnx", "scheme": "fp32", "length": 16, "engine_version": "1", "calls": 5}
    told = (OperatorTime("MatMul", 4, 1.5), OperatorTime("Add", 9, 0.5))
    times = (
        OperatorTimes(**of, engine="ort", operators=told),
        OperatorTimes(**of | {"file": "a.tflite"}, engine="litert", operators=None),
    )
    page = Page(html.render(replace(built, operators=times)))
    assert "Time by operator" in "".join(page.words)
    assert page.cells[page.cells.index("MatMul") :][:4] == ["MatMul", "4", "1.50", "75 %"]


def test_a_budget_is_judged_on_the_page(built):
    recipe = built.recipe | {"budget": BudgetOptions(budget_mb=0.0155).__dict__}
    page = Page(html.render(replace(built, recipe=recipe)))
    assert "A file fits the budget: 0.0155 MB." in "".join(page.words)
    assert page.cells.count("fits") == 2, "ONNX, and TFLite of 16 tokens; the one of 8 failed its gate"


def test_an_unfinished_run_has_a_page_too(tmp_path):
    page = Page(html.render(report.build(make_run(tmp_path / "run", until="student"))))
    assert not page.open and "No file was verified yet." in "".join(page.words) and "83.42" in page.cells


def test_own_model_as_it_is_is_not_its_own_teacher(built):
    own = replace(built, student_name="none", student=replace(built.student, name="none"))
    page = Page(html.render(own))
    assert "teacher, fp32" not in html.render(own) and "of the teacher's" not in "".join(
        page.all("dd") and page.words[:60]
    )


def test_ticks_are_round_and_inside():
    assert ticks(83.2, 84.9) == [83.5, 84.0, 84.5]
    assert log_ticks(0.4, 110) == [0.5, 1, 2, 5, 10, 20, 50, 100]
    assert log_ticks(0.01, 5000) == [0.01, 0.1, 1, 10, 100, 1000]


def test_labels_do_not_lie_on_each_other():
    marks = [Mark(1 + i / 50, 80 + i / 100, f"file number {i}", f"file {i}", "circle", "c0") for i in range(30)]
    drawn = Scatter("t", "x", "y", marks, [0, 29], (), str).svg()
    found = re.findall(r'<text class="label" x="([\d.]+)" y="([\d.]+)">([^<]+)<', drawn)
    boxes = [(float(x), float(y) - 10, float(x) + 5.5 * len(text), float(y)) for x, y, text in found]
    assert 2 <= len(boxes) < 30, "those without room are left out"
    assert not [
        (a, b) for a in boxes for b in boxes if a < b and a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]
    assert drawn.count("<title>file") == 30
