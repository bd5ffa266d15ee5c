"""`--student auto`: the student that kept most elsewhere, of those predicted to fit."""

import json
from pathlib import Path

import pytest
from tiny import call

from benchmarks import retention as writer
from edgebert import arguments, cli
from edgebert.errors import GateError, UserError
from edgebert.files import read_json
from edgebert.profile import measure
from edgebert.propose import retention
from edgebert.propose.choose import options_of
from edgebert.propose.proposal import Candidate, Proposal, length_of
from edgebert.propose.retention import TEACHER, Retention
from edgebert.recipes.options import BudgetOptions, ConvertOptions, DistillOptions
from edgebert.report import build, html, markdown
from edgebert.run import open_run

ONE_MS = Path(__file__).with_name("one_ms.toml")
"""A device that takes a millisecond for every operator of ONNX Runtime."""
KEPT = {"bert-1-16": 60.0, "bert-1-32": 90.0, "tinybert-4": 99.0}


@pytest.fixture(scope="module", autouse=True)
def students(tmp_path_factory):
    """Students for tiny teachers, but for one that is too wide; timing is tested elsewhere."""
    folder, known = tmp_path_factory.mktemp("recipes"), []
    for name, percent in KEPT.items():
        recipe = folder / f"{name}.toml"
        recipe.write_text(f"[distill]\nstudent = '{name}'\nepochs = 1\nlearning_rate = 5e-3\nbatch_size = 16\n")
        known.append({"recipe": str(recipe), "percent": percent, "tasks": []})
    (folder / "retention.json").write_text(json.dumps(known))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retention, "FILE", folder / "retention.json")
        patch.setattr(measure, "ROUNDS", 1)
        patch.setattr(measure, "SECONDS", 0.0)
        yield


@pytest.fixture(scope="module")
def export(teacher_folder, reviews_csv, tmp_path_factory):
    """Export into one run folder, again and again; gives the exit code and the folder."""
    out = tmp_path_factory.mktemp("auto") / "run"
    source = ("--teacher", teacher_folder, "--train", reviews_csv, "--lengths", 8, 16, "--formats", "onnx")

    def export(*more):
        quick = ("--student", "auto", "--device", ONE_MS, "--no-baselines", "--timed-rows", 4, "--out", out)
        return call("export", *source, *quick, *more), out

    return export


def stamps(out):
    return {path.parent.name: path.read_text() for path in out.glob("*/stage.json")}


@pytest.mark.slow
def test_the_run_goes_on_with_the_most_accurate_student_that_fits(export, capsys):
    code, out = export("--budget-ms", 1)
    assert code == 1, "nothing fits"
    error = " ".join(capsys.readouterr().err.split())
    assert "No student is predicted to fit 1 ms" in error and "bert-1-" in error and "comes nearest" in error
    assert not (out / "student").exists()
    found = Proposal.load(out / "proposed")
    ms = {one.student: one.ms for one in found.candidates}
    assert ms["bert-1-16"] == pytest.approx(ms["bert-1-32"], rel=0.01) and 10 < ms["bert-1-32"] < ms["none"]
    wide = next(one for one in found.candidates if one.student == "tinybert-4")
    assert wide.ms is None and "layers is 4 and the teacher's 2" in wide.refused
    assert all(one.low_ms == pytest.approx(one.ms / 1.25) for one in found.candidates if one.ms)

    before, between = stamps(out), (ms["bert-1-32"] + ms["none"]) / 2
    assert export("--budget-ms", between)[0] == 0
    distill = open_run(out).recipe.distill
    assert (distill.student, distill.epochs) == ("bert-1-32", 1), "with the options of its recipe"
    after = stamps(out)
    assert {name: after[name] for name in before} == before, "another budget predicts nothing again"
    shown = build(out)
    (predicted,) = [one for one in shown.predictions if "int8" in one.file]
    assert predicted.ms == pytest.approx(ms["bert-1-32"]), "the trained file takes what the untrained one did"
    for page in (markdown.render(shown), html.render(shown)):
        assert "Students for" in page and "chosen" in page and "layers is 4" in page

    assert export("--budget-ms", between)[0] == 0
    assert stamps(out) == after, "a second run does nothing"


def proposal(**ms):
    made = [
        Candidate(student=name, retention=Retention(recipe=name, percent=percent, tasks=()), bytes=int(size), ms=time)
        for name, (percent, time, size) in ms.items()
    ]
    return Proposal(device="d", threads=4, length=16, format="onnx", rests_on="", candidates=tuple(made))


@pytest.mark.parametrize(("ms", "mb", "choice"), [
    (100, None, "large"), (50, None, "middle"), (49, None, "quick"), (None, 20, "middle"), (100, 19, "quick"),
    (4, None, None), (100, 4, None),
])  # fmt: skip
def test_most_accurate_of_those_that_fit(ms, mb, choice):
    found = proposal(large=(100, 90, 60e6), middle=(97, 50, 20e6), slower=(90, 40, 5e6), quick=(90, 5, 5e6))
    budget = BudgetOptions(budget_ms=ms, budget_mb=mb)
    if choice is None:
        with pytest.raises(GateError, match=r"quick comes nearest with 5 ms and 5\.0 MB"):
            found.chosen(budget)
    else:
        assert found.chosen(budget).student == choice


@pytest.mark.parametrize(("options", "message"), [
    (("--device", "pixel4"), "it needs --device and --budget-ms or --budget-mb"),
    (("--budget-ms", 20), "it needs --device and --budget-ms or --budget-mb"),
    (("--device", "pixel44", "--budget-ms", 20), "Did you mean 'pixel4'"),
    (("--device", "pixel4", "--budget-ms", 20, "--budget-length", 200), "no file takes more than 128 tokens"),
    (("--device", "pixel4", "--budget-ms", 20, "--schemes", "fp32"), "Add int8 to --schemes"),
    (("--device", "pixel4", "--budget-ms", 20, "--init", "checkpoint", "--init-checkpoint", "x"), "--init checkpoint"),
])  # fmt: skip
def test_what_cannot_be_chosen_is_refused_at_once(options, message, teacher_folder, reviews_csv, tmp_path, capsys):
    source = ("--teacher", teacher_folder, "--train", reviews_csv, "--out", tmp_path / "run")
    assert call("export", *source, "--student", "auto", *options) == 2
    assert message in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "run").exists()


def test_distill_does_not_choose(tmp_path, capsys):
    from finished_run import make_run

    run = make_run(tmp_path / "run", until="teacher")
    assert call("distill", run, "--student", "auto") == 2
    assert "is chosen by edgebert export" in " ".join(capsys.readouterr().err.split())


def test_lengths_pad_to_the_next():
    convert = ConvertOptions(lengths=(16, 64))
    assert [length_of(convert, BudgetOptions(budget_length=n)) for n in (None, 8, 17)] == [64, 16, 64]
    with pytest.raises(UserError, match="no file takes more than 64 tokens"):
        length_of(convert, BudgetOptions(budget_length=65))


def given(*tokens):
    cli.app.config = [arguments.defaults(tokens)]
    _, bound, _ = cli.app.parse_args(arguments.split_lists(tokens), exit_on_error=False, print_error=False)
    bound.apply_defaults()
    return bound.arguments["distill"], bound.arguments["given"]


def test_an_option_that_the_user_gave_wins_over_the_recipe_of_the_student():
    distill, names = given("export", "--student", "auto", "--epochs=2", "--batch-size", "8", "--out", "x")
    assert set(names) == {"student", "epochs", "batch_size"}
    found = options_of("bilstm", distill, names)
    assert (found.student, found.method, found.learning_rate) == ("bilstm", "logits-mse", 1e-3), "the recipe's"
    assert (found.epochs, found.batch_size) == (2, 8), "the user's, though 2 is the default"
    assert options_of("bilstm", DistillOptions(student="auto", epochs=3), ()).epochs == 3
    assert options_of("as-is", distill, names) == DistillOptions(student="none")


def test_what_students_kept_is_written_from_results(tmp_path):
    def row(student, percent, **more):
        file = {"format": "tflite", "scheme": "int8", "decides": True, "kept": {"percent": percent}}
        return {"student": student, "init": "teacher", "method": "hidden", "steps": 10, "files": [file]} | more

    results = {
        "students-a": [row("tinybert-4", 90), row("tinybert-4", 94), row("bert-6-384", 98), row("mobilebert", 50)],
        "students-b": [row("tinybert-4", 80), row("bert-6-384", 90), row("bert-6-384", 10, method="logits")],
        "students-c": [row("tinybert-4", 100)],
    }
    for name, rows in results.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"task": name[-1], "students": rows}))
    bert, tiny_bert = json.loads(writer.written(tmp_path))
    assert (bert["recipe"], bert["percent"]) == ("bert-6-384", 94), "trained otherwise than its recipe says: left out"
    assert (tiny_bert["recipe"], tiny_bert["percent"]) == ("tinybert-4", 86), "over the tasks that both had"
    assert tiny_bert["tasks"][0] == {"task": "a", "percent": 92, "steps": 10, "seeds": 2}


def test_every_student_that_ships_has_a_recipe_and_the_teacher_is_first():
    shipped = Path(retention.__file__).with_name("retention.json")
    found = [Retention.from_dict(values) for values in read_json(shipped)]
    assert len(found) >= 3 and {len(one.tasks) for one in found} == {len(found[0].tasks)}
    for one in (TEACHER, *found):
        assert options_of(one.recipe, DistillOptions(student="auto"), ()).student in (one.recipe, "none")
