"""Whatever is wrong with what a user brings: exit code 2, one message that says what, where and what to do."""

import json
import shutil
import signal
import subprocess
import time

import pytest
import tiny
from tiny import call

from edgebert.files import read_json, sha256
from edgebert.run import open_run

GOOD_ROWS = tiny.reviews()[:60]


@pytest.fixture
def refused(capsys):
    """Run a command that must be refused; gives its message."""

    def refused(*arguments):
        capsys.readouterr()
        assert call(*arguments) == 2
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err + shown.out
        assert "error" in shown.err.lower()
        return " ".join(shown.err.split())

    return refused


@pytest.fixture
def table(tmp_path):
    """A good table, to be made a bad one of."""
    return tiny.write_table(tmp_path / "train.csv", GOOD_ROWS)


@pytest.fixture
def export(teacher_folder, table, tmp_path, refused):
    """Export with other options than good ones; None leaves one out. The message must come before any training."""

    def export(*more, **options):
        given = {"teacher": teacher_folder, "train": table, "out": tmp_path / "run", "lengths": 16} | options
        named = [(f"--{name.replace('_', '-')}", value) for name, value in given.items() if value is not None]
        message = refused("export", *(token for option in named for token in option), *more)
        assert not (tmp_path / "run" / "teacher").exists()
        return message

    return export


# Tables


def test_a_table_that_is_not_there(export, tmp_path):
    message = export(train=tmp_path / "trian.csv")
    assert f"--train {tmp_path / 'trian.csv'}: there is no such file." in message


def test_an_empty_table(export, tmp_path):
    (tmp_path / "empty.csv").touch()
    message = export(train=tmp_path / "empty.csv")
    assert "empty.csv: the file is empty. Give a table with a header line and rows." in message


def test_a_column_that_is_not_there(export, tmp_path):
    message = export(train=tiny.write_table(tmp_path / "t.csv", GOOD_ROWS, ("text", "rating")), label_column="ratng")
    assert f"{tmp_path / 't.csv'}" in message
    assert "--label-column ratng: " in message and "Did you mean 'rating'? Its columns are: text, rating." in message


def test_one_label_only(export, tmp_path):
    rows = [(text, "positive") for text, _ in GOOD_ROWS]
    message = export(train=tiny.write_table(tmp_path / "t.csv", rows))
    assert f"{tmp_path / 't.csv'}: every row has the same label, 'positive'." in message
    assert "at least two labels" in message


def test_a_label_of_dev_unknown_in_train(export, encoder_folder, tmp_path):
    dev = tiny.write_table(tmp_path / "dev.csv", [*GOOD_ROWS[:4], ("the plot was odd", "odd")])
    message = export(dev=dev, teacher=encoder_folder)
    assert f"{dev}, line 6: the label 'odd' does not occur in" in message
    assert "The labels there are 'negative', 'positive'." in message


def test_bytes_that_are_not_utf8(export, table):
    content = table.read_bytes().splitlines()
    content[7] = content[7].replace(b"the", b"th\xe9", 1) if b"the" in content[7] else content[7] + b"\xe9"
    table.write_bytes(b"\n".join(content))
    message = export()
    assert f"{table}, line 8" in message
    assert "UTF-8" in message


def test_a_teacher_with_another_number_of_labels(export, tmp_path):
    message = export(train=tiny.write_table(tmp_path / "t.csv", tiny.three_classes()))
    assert "its 3 labels are 'bad', 'good', 'plain'; the teacher's 2 are 'negative', 'positive'." in message
    assert "id2label in the teacher's config.json" in message


@pytest.mark.parametrize("cell", ["nan", "inf", "good"])
def test_a_score_that_is_no_number(export, encoder_folder, tmp_path, cell):
    rows = [(text, cell if i == 20 else i / 8) for i, (text, _) in enumerate(GOOD_ROWS)]
    table = tiny.write_table(tmp_path / "t.csv", rows, ("text", "score"))
    message = export(train=table, teacher=encoder_folder)
    assert f"{table}, line 22: the column 'score' holds '{cell}', which is no finite number." in message
    assert "Write a number such as 3.5, or leave the row out." in message


def test_lists_and_texts_in_one_label_column(export, encoder_folder, tmp_path):
    rows = [{"text": text, "labels": mood if i == 4 else [mood]} for i, (text, mood) in enumerate(GOOD_ROWS)]
    table = tmp_path / "t.jsonl"
    table.write_text("".join(json.dumps(row) + "\n" for row in rows))
    message = export(train=table, teacher=encoder_folder)
    assert f"{table}, line 1: the column 'labels' holds a list, where line 5 holds none." in message


def test_a_pair_column_missing_in_dev(export, encoder_folder, tmp_path):
    train = tiny.write_table(tmp_path / "t.csv", tiny.pairs(), ("premise", "hypothesis", "label"))
    dev = tiny.write_table(tmp_path / "d.csv", GOOD_ROWS, ("premise", "label"))
    message = export(train=train, dev=dev, teacher=encoder_folder)
    assert f"{dev} (columns premise, label)" in message and "--text-column and --pair-column" in message


def test_a_number_where_the_teacher_knows_classes(export, table):
    message = export(kind="number")
    assert "--kind number contradicts the teacher, which was trained for classes. Leave --kind number out" in message


# Checkpoints


@pytest.fixture
def broken(teacher_folder, tmp_path):
    """A copy of the teacher, to be broken."""
    return shutil.copytree(teacher_folder, tmp_path / "broken")


def test_a_checkpoint_that_is_not_there(export, tmp_path):
    message = export(teacher=tmp_path / "my-bret")
    assert f"The checkpoint folder {tmp_path / 'my-bret'} does not exist. Check the path given to --teacher." in message


@pytest.mark.parametrize("content", [b"", b"no safetensors at all", b"\xff" * 64], ids=["empty", "text", "length"])
def test_damaged_weights(export, broken, content):
    (broken / "model.safetensors").write_bytes(content)
    message = export(teacher=broken)
    assert f"{broken / 'model.safetensors'} is damaged" in message
    assert "Save or download the checkpoint again." in message


def test_weights_cut_short(export, broken):
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    assert f"{weights} is damaged" in export(teacher=broken)


def test_weights_that_lack_some(refused, broken, table, tmp_path):
    from safetensors.torch import load_file, save_file

    weights = load_file(broken / "model.safetensors")
    for name in [name for name in weights if name.startswith(("classifier", "bert.encoder.layer.1."))]:
        del weights[name]
    save_file(weights, broken / "model.safetensors", {"format": "pt"})
    source = ("--teacher", broken, "--train", table, "--lengths", 16, "--out", tmp_path / "run")
    message = refused("finetune", *source)
    assert f"{broken} lacks 18 of its weights, bert.encoder.layer.1." in message


def test_a_folder_that_is_no_checkpoint(export, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "notes.txt").touch()
    message = export(teacher=tmp_path / "notes")
    assert "is no Hugging Face checkpoint: it has no config.json (it has: notes.txt)." in message
    assert "`model.save_pretrained`" in message


def test_a_file_for_a_checkpoint(export, table):
    assert f"{table} is a file, not a checkpoint folder." in export(teacher=table)


def test_a_configuration_that_cannot_be_read(export, broken):
    (broken / "config.json").write_text("{")
    assert f"{broken / 'config.json'} is not readable JSON" in export(teacher=broken)


def test_a_teacher_without_weights(export, broken):
    (broken / "model.safetensors").unlink()
    message = export(teacher=broken)
    assert f"{broken} has a config.json but no weights. It should hold one of: model.safetensors" in message


def test_a_teacher_without_a_tokenizer(export, broken):
    for name in ("vocab.txt", "tokenizer.json", "tokenizer_config.json"):
        (broken / name).unlink()
    message = export(teacher=broken)
    assert f"{broken} holds no tokenizer that can be read" in message
    assert "tokenizer.json, or its vocab.txt, into that folder." in message


def test_a_teacher_with_the_tokenizer_of_another(export, broken, tmp_path):
    (broken / "tokenizer.json").unlink()
    with (broken / "vocab.txt").open("a") as file:
        file.write("another\nand\nmore\n")
    message = export(teacher=broken)
    assert f"{broken}: its tokenizer has 98 tokens, and its model knows 95." in message
    assert "Put the tokenizer of this model into that folder." in message


def test_lengths_beyond_the_positions(export, refused, teacher_folder, table, tmp_path):
    message = export("--lengths", 64)
    assert f"--lengths 64 is beyond the {tiny.POSITIONS} positions of {teacher_folder}" in message
    assert f"at most {tiny.POSITIONS} tokens" in message


# Options


def test_an_unknown_student(export):
    message = export(student="tinybert4")
    assert "--student tinybert4: there is no such thing. Did you mean tinybert-4" in message


def test_an_unknown_recipe(export):
    assert "There is no recipe 'tinybert4'. Did you mean 'tinybert-4'?" in export(recipe="tinybert4")


def test_a_recipe_with_an_unknown_option(export, tmp_path):
    (tmp_path / "mine.toml").write_text("[distill]\nstudnt = 'tinybert-4'\n")
    message = export(recipe=tmp_path / "mine.toml")
    assert "[distill] option 'studnt' does not exist. Did you mean 'student'?" in message


def test_an_unknown_option(export):
    message = export("--lenghts", 16)
    assert "--lenghts" in message and "--lengths" in message


def test_a_value_of_the_wrong_kind(export):
    assert "--batch-size" in export(batch_size="many")


@pytest.mark.parametrize(
    ("options", "both"),
    [
        ({"init_checkpoint": "somewhere"}, ("--init-checkpoint somewhere", "--init teacher")),
        ({"init": "checkpoint"}, ("--init checkpoint", "--init-checkpoint")),
        ({"train": None, "dev": "dev.csv"}, ("--student tinybert-4", "--train")),
        ({"train": None, "dev": "dev.csv", "unlabelled": "u.csv"}, ("--unlabelled", "--dev")),
    ],
)
def test_options_that_contradict_each_other_are_both_named(export, options, both):
    message = export(**options)
    assert all(option in message for option in both)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("batch_size", 0), ("learning_rate", -1), ("epochs", 0), ("max_steps", 0), ("temperature", 0),
        ("hard_label_share", 1.5), ("dev_share", 0), ("timed_calls", 0), ("lengths", 3), ("finetune.epochs", 0),
    ],
)  # fmt: skip
def test_values_without_a_meaning(export, option, value):
    message = export(**{option: value})
    assert f"--{option.split('.')[-1].replace('_', '-')} {value}" in message


# Run folders


def test_a_folder_that_is_no_run(export, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("mine")
    message = export()
    assert f"{tmp_path / 'run'} exists and is not a run of edgebert; nothing in it was touched." in message
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["thesis.txt"]


def test_a_file_for_a_run(export, table):
    before = sha256(table)
    assert f"{table} exists and is not a run of edgebert" in export(out=table)
    assert sha256(table) == before


@pytest.fixture
def run(teacher_folder, table, tmp_path):
    """A run up to its teacher."""
    out = tmp_path / "mine"
    assert call("finetune", "--teacher", teacher_folder, "--train", table, "--lengths", 16, "--out", out) == 0
    return out


def contents(folder):
    return {path: sha256(path) for path in folder.rglob("*") if path.is_file()}


def test_a_folder_of_another_run(run, refused, teacher_folder, tmp_path):
    before = contents(run)
    other = tiny.write_table(tmp_path / "other.csv", GOOD_ROWS)
    message = refused("export", "--teacher", teacher_folder, "--train", other, "--out", run)
    assert f"{run} holds the run of another source: --train was {tmp_path / 'train.csv'} there" in message
    assert f"and is {other} now. Choose another folder with --out." in message
    assert contents(run) == before


def test_a_mistake_in_a_verb_leaves_the_run_as_it_was(run, refused):
    before = contents(run)
    assert "there is no such thing" in refused("distill", run, "--student", "tinybert4")
    assert "Run: edgebert distill" in refused("convert", run, "--lengths", 8)
    assert "is not above 0" in refused("distill", run, "--batch-size", 0)
    assert contents(run) == before


def test_a_student_larger_than_its_teacher(run, refused):
    message = refused("distill", run, "--student", "bert-3-32")
    assert "the student's layers is 3 and the teacher's 2." in message
    assert "Choose a smaller --student, or --init random." in message
    assert not (run / "student").exists()
    assert call("distill", run, "--student", "bert-3-32", "--init", "random", "--max-steps", 1) == 0


def test_after_a_mistake_the_same_folder_is_good(export, teacher_folder, table, tmp_path):
    rows = tiny.write_table(tmp_path / "t.csv", GOOD_ROWS, ("text", "mood"))
    assert "Name it with --label-column" in export(train=rows)
    source = ("--teacher", teacher_folder, "--train", rows, "--label-column", "mood")
    assert call("finetune", *source, "--lengths", 16, "--out", tmp_path / "run") == 0


def test_a_folder_where_another_process_works(run, refused):
    with open_run(run).at_work():
        assert f"Another edgebert is working in {run}." in refused("distill", run)


def test_a_verb_without_a_run(refused, tmp_path):
    assert f"{tmp_path} is not a run folder: it has no run.json." in refused("convert", tmp_path)


def test_an_output_that_was_changed_afterwards(run, refused, teacher_folder, table):
    path = run / "teacher" / "config.json"
    path.write_text(json.dumps(read_json(path) | {"note": "mine"}))
    message = refused("finetune", "--teacher", teacher_folder, "--train", table, "--lengths", 16, "--out", run)
    assert f"{path} was changed or removed after edgebert wrote it. Delete the folder {run / 'teacher'}" in message


# Model files


@pytest.mark.parametrize("name", ["model.onnx", "model.tflite", "model.bin"])
def test_inspecting_what_is_no_model(refused, tmp_path, name):
    assert f"There is no file {tmp_path / name}" in refused("inspect", tmp_path / name)
    (tmp_path / name).write_bytes(b"no model")
    assert str(tmp_path / name) in refused("inspect", tmp_path / name)


# Stopped by hand


@pytest.mark.slow
def test_control_c_says_how_to_go_on(encoder_folder, reviews_csv, tmp_path):
    out = tmp_path / "run"
    command = tiny.command("finetune", "--teacher", encoder_folder, "--train", reviews_csv, "--lengths", 16,
                           "--epochs", 10_000, "--out", out)  # fmt: skip
    options = tiny.settings(EDGEBERT_SAVE_SECONDS="0")
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore Ctrl-C
    )  # fmt: skip
    progress = out / ".teacher.partial" / "scratch" / "training" / "progress.json"
    while not progress.exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    shown = "".join(process.communicate(timeout=60))
    assert process.returncode == 130
    assert "Stopped. The same command goes on from here." in shown
    assert "Traceback" not in shown
