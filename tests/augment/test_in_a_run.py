"""Augmented rows on their way through a run."""

import pytest
import tiny
from tiny import call

from edgebert.augment.result import ROWS, Augmented
from edgebert.distill.transfer import open_transfer
from edgebert.files import read_json
from edgebert.report.build import build
from edgebert.report.markdown import render
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Rows
from edgebert.tasks.task import Task

pytestmark = pytest.mark.slow

DISTILL = ("--student", "bert-1-16", "--max-steps", 2, "--augment-copies", 3)


@pytest.fixture(scope="module")
def run(teacher_folder, tmp_path_factory):
    """A run with a teacher."""
    folder = tmp_path_factory.mktemp("run")
    table = tiny.write_table(folder / "train.csv", tiny.reviews())
    out = folder / "run"
    source = ("--teacher", teacher_folder, "--train", table)
    assert call("finetune", *source, "--lengths", 16, "--formats", "onnx", "--out", out) == 0
    return out


def distilled(run, *options):
    """Names of the stages that `distill` with these options made anew."""
    before = stamps(run)
    assert call("distill", run, *DISTILL, *options) == 0
    return {name for name, stamp in stamps(run).items() if before.get(name) != stamp}


def stamps(run):
    return {path.parent.name: path.read_text() for path in run.glob("*/stage.json")}


def test_the_student_learns_from_train_and_augmented_rows(run):
    assert distilled(run, "--augment", "tang") == {"augmented", "transfer", "student"}
    facts = Augmented.load(run / "augmented")
    tokens, logits = open_transfer(run / "transfer")
    train = Task.load(run / "task").sizes["train"]
    assert len(tokens) == len(logits) == train + facts.rows > 2 * train
    first = next(iter(Rows.open(run / "augmented" / ROWS)))
    encoder = TextEncoder(run / "task" / "tokenizer.json", 16)
    assert tokens[train][0] == encoder.encode([first])[0]
    assert not (run / "augmented" / "scratch").exists()


def test_a_second_call_does_nothing_and_an_option_redoes_what_depends_on_it(run):
    distilled(run, "--augment", "tinybert", "--candidates", "masked-lm", "--mlm-steps", 2)
    again = ("--augment", "tinybert", "--candidates", "masked-lm")
    assert distilled(run, *again) == set()
    assert distilled(run, *again, "--augment-mask", 0.2) == set()  # an option of the other way
    assert distilled(run, *again, "--augment-replace", 0.2) == {"augmented", "transfer", "student"}
    assert distilled(run, *again, "--mlm-steps", 3) >= {"mlm", "augmented"}  # the rows may come out the same


def test_the_report_says_what_was_made_and_of_what(run):
    distilled(run, "--augment", "tinybert", "--candidates", "masked-lm", "--mlm-steps", 2)
    report = build(run)
    assert report.masked_lm.fitted and report.augmented.way == "tinybert"
    page = render(report)
    assert f"{report.augmented.rows} new texts by tinybert" in page and "masked-LM head fitted" in page
    distilled(run, "--augment", "tinybert", "--candidates", "neighbours")
    report = build(run)
    assert report.masked_lm is None and "mlm" not in {stage.name for stage in report.stages}
    assert "the teacher's word embeddings" in report.augmented.candidates
    distilled(run, "--augment", "none")
    report = build(run)
    assert report.augmented is None and "augmented" not in {stage.name for stage in report.stages}
    assert "new texts" not in render(report)
    assert distilled(run, "--augment", "none", "--candidates", "lexical", "--mlm-epochs", 3) == set()


def test_a_checkpoint_with_a_masked_lm_is_asked_itself(reviews_csv, tmp_path, capsys):
    from transformers import BertConfig, BertForMaskedLM

    folder, out = tiny.save_checkpoint(tmp_path / "bert"), tmp_path / "run"
    BertForMaskedLM(BertConfig.from_pretrained(folder)).save_pretrained(folder)
    source = ("--teacher", folder, "--train", reviews_csv, "--epochs", 1)
    assert call("finetune", *source, "--lengths", 16, "--formats", "onnx", "--out", out) == 0
    capsys.readouterr()
    assert "mlm" in distilled(out, "--augment", "tinybert")
    assert not read_json(out / "mlm" / "masked-lm.json")["fitted"]
    assert "candidates: a masked language model" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--augment", "tinybrt"), "Did you mean tinybert"),
        (("--augment", "tinybert", "--candidates", "auto", "--word-vectors", "none.txt"), "none.txt: there is no"),
        (("--augment", "tang", "--augment-ngram", 2), "--augment-ngram 2"),
    ],
)
def test_bad_options_are_told_before_any_work(run, options, named, capsys):
    before = stamps(run)
    assert call("distill", run, *DISTILL, *options) == 2
    message = capsys.readouterr().err
    assert named in message and "Traceback" not in message
    assert stamps(run) == before
