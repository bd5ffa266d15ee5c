import json
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgebert.errors import UserError
from edgebert.tasks.sanity import Sanity
from edgebert.tasks.split import content_key
from edgebert.tasks.task import Task


def many(count, start=0):
    """So many different rows, their labels in turn."""
    return [{"text": f"film number {i}", "label": ("bad", "good")[i % 2]} for i in range(start, start + count)]


def keys(task, split):
    return {content_key(row.text, row.pair) for row in task.rows(split)}


def test_a_lone_table_is_split_by_content(run, write_jsonl):
    rows = many(300)
    twice = [{"text": row["text"].upper(), "label": row["label"]} for row in rows[:100]]
    task = run(train=write_jsonl("reviews.jsonl", rows + twice), data={"calibration_rows": 20})
    assert (task.name, task.kind, task.labels, task.has_pair) == ("reviews", "classes", ("bad", "good"), False)
    assert sum(task.sizes[split] for split in ("train", "select", "dev")) == 400
    assert not keys(task, "train") & keys(task, "select")
    assert not keys(task, "dev") & (keys(task, "train") | keys(task, "select"))
    assert keys(task, "calibration") <= keys(task, "train") and task.sizes["calibration"] == 20
    assert {row.targets for row in task.rows("train") if "0" in row.text[-1]} == {(0.0,)}
    assert Sanity.load(task.folder).oddities["train"]["duplicate"] == 100
    assert Task.load(task.folder) == task


def test_the_split_does_not_depend_on_order(run, write_jsonl):
    dev = keys(run(train=write_jsonl("a.jsonl", many(200))), "dev")
    assert keys(run(train=write_jsonl("b.jsonl", many(200)[::-1] + many(50, 200))), "dev") >= dev


def test_a_dev_table_is_kept_whole_and_its_rows_leave_train(run, write_jsonl):
    dev = [*many(30), many(1)[0], {"text": " ", "label": "good"}]
    train = [*many(100, start=20), {"text": "", "label": "bad"}, {"text": "FILM number 25", "label": "bad"}]
    task = run(train=write_jsonl("train.jsonl", train), dev=write_jsonl("dev.jsonl", dev))
    assert [row.text for row in task.rows("dev")] == [row["text"] for row in dev]
    assert task.sizes["train"] + task.sizes["select"] == 90
    sanity = Sanity.load(task.folder)
    assert sanity.oddities["train"] == {"empty": 1, "duplicate": 1, "conflict": 1, "leak": 11}
    assert sanity.oddities["dev"] == {"empty": 1, "duplicate": 1, "conflict": 0, "leak": 0}
    folder = task.folder.parent
    notes = "\n".join(sanity.notes)
    assert "11 train rows stand in the dev table too; left out" in notes
    assert f"(the first: {folder}/train.jsonl, line 1)" in notes
    assert "1 dev rows have no text; kept, since a dev table is scored whole" in notes
    assert f"(the first: {folder}/dev.jsonl, line 32)" in notes


def test_a_dev_table_alone_is_enough(run, write_jsonl):
    task = run(dev=write_jsonl("dev.jsonl", many(10)), labels=("good", "bad"))
    assert task.sizes == {"train": 0, "select": 0, "calibration": 0, "dev": 10, "unlabelled": 0}
    assert task.rows("dev").targets.tolist() == [[1], [0]] * 5
    assert list(task.rows("train")) == []
    assert Sanity.load(task.folder).lengths.rows == 10


def test_the_teachers_order_is_taken_and_said(run, write_jsonl, capsys):
    task = run(train=write_jsonl("t.jsonl", many(100)), labels=("Good", "Bad"))
    assert task.labels == ("Good", "Bad")
    assert all(row.targets[0] == (int(row.text.split()[-1]) % 2 == 0) for row in task.rows("dev"))
    assert "orders the labels otherwise" in capsys.readouterr().err


def test_unlabelled_texts_are_a_sample_without_held_out_rows(run, write_jsonl):
    train = write_jsonl("t.jsonl", many(100))
    texts = [{"text": f"other film {i}"} for i in range(50)] * 2 + [{"text": ""}] + many(100)
    task = run(train=train, unlabelled=write_jsonl("u.jsonl", texts), data={"unlabelled_rows": 1000})
    held_out = task.sizes["dev"] + task.sizes["select"]
    assert task.sizes["unlabelled"] == 50 + 100 - held_out
    assert all(row.targets == () for row in task.rows("unlabelled"))
    assert Sanity.load(task.folder).oddities["unlabelled"] == {
        "empty": 1,
        "duplicate": 0,
        "conflict": 0,
        "leak": held_out,
    }
    few = run(train=train, unlabelled=write_jsonl("u.jsonl", texts), data={"unlabelled_rows": 7})
    assert few.sizes["unlabelled"] == 7


def test_pairs_are_kept_apart(run, write_jsonl):
    rows = [{"premise": "a b", "hypothesis": f"film {i}", "label": i % 2} for i in range(60)]
    task = run(train=write_jsonl("t.jsonl", rows), unlabelled=write_jsonl("u.jsonl", rows))
    assert task.has_pair
    assert all(row.text == "a b" and row.pair.startswith("film") for row in task.rows("unlabelled"))


def test_token_lengths_are_reported(run, write_jsonl):
    rows = [{"text": "a " * (i % 10 + 1) + str(i), "label": i % 2} for i in range(200)]
    lengths = Sanity.load(run(train=write_jsonl("t.jsonl", rows), lengths=(6, 20)).folder).lengths
    assert lengths.tokens["max"] == 13
    assert lengths.cut[20] == 0
    assert lengths.cut[6] == pytest.approx(0.7, abs=0.1)  # 3 tokens more than there are a's
    assert sum(rows for _, rows in lengths.histogram) == lengths.rows
    assert lengths.histogram[0] == (8, pytest.approx(0.5 * lengths.rows, rel=0.2))


def test_what_lengths_cost_is_said_beside_those_that_fit(run, write_jsonl, capsys):
    rows = [{"text": "a " * (i % 2) + str(i), "label": i // 2 % 2} for i in range(200)]  # 3 or 4 tokens
    lengths = Sanity.load(run(train=write_jsonl("t.jsonl", rows), lengths=(4, 20)).folder).lengths
    assert (lengths.padded, lengths.fitting, lengths.padded_fitting) == (4, (8,), 8)
    shown = " ".join(capsys.readouterr().out.split())
    assert "Padded to 4 or 20 tokens, a row has 4.0 on average; to 20 alone, 20." in shown
    assert "--lengths auto would choose 8: 8.0 on average." in shown


def test_lengths_left_open_are_those_that_fit(run, write_jsonl, capsys):
    rows = [{"text": "a " * (i % 2) + str(i), "label": i // 2 % 2} for i in range(200)]
    lengths = Sanity.load(run(train=write_jsonl("t.jsonl", rows), lengths=None).folder).lengths
    assert tuple(lengths.cut) == lengths.fitting == (8,)
    assert "These lengths are what --lengths auto chooses." in " ".join(capsys.readouterr().out.split())


def test_much_cutting_is_worth_a_note(run, write_jsonl):
    rows = [{"text": f"{i} " + "a " * 3000, "label": i % 2} for i in range(30)]
    task = run(train=write_jsonl("t.jsonl", rows))
    assert (
        "100 % of the rows are longer than 8 tokens and will be cut; --lengths can go higher."
        in Sanity.load(task.folder).notes
    )


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"text": "a", "label": "good"}] * 30, "every row has the same label, 'good'"),
        ([*many(10), {"text": "a", "label": ""}], "line 11: the column 'label' is empty"),
        ([*many(10), {"text": "a"}], "line 11: the column 'label' is empty"),
        ([*many(10), {"text": ["a"], "label": "bad"}], "line 11: the column 'text' holds a list"),
        ([*many(10), {"text": "a\ud800", "label": "bad"}], "line 11: the column 'text' holds half a character"),
        (many(2), "too few rows to split"),
        ([{"text": str(i), "label": i} for i in range(1500)], "line 1001: the column 'label' holds more than 1000"),
    ],
)  # fmt: skip
def test_bad_tables_are_told_with_file_and_line(run, write_jsonl, rows, message):
    path = write_jsonl("t.jsonl", rows)
    with pytest.raises(UserError) as error:
        run(train=path)
    assert str(path) in error.value.what
    assert message in error.value.what
    assert error.value.fix


def test_a_header_without_rows_is_told(run, tmp_path):
    (tmp_path / "t.csv").write_text("text,label\n")
    with pytest.raises(UserError, match=r"t\.csv has no rows"):
        run(train=tmp_path / "t.csv")


def test_a_dev_label_unknown_in_train_is_told(run, write_jsonl):
    dev = write_jsonl("dev.jsonl", [*many(3), {"text": "x", "label": "awful"}])
    with pytest.raises(UserError) as error:
        run(train=write_jsonl("train.jsonl", many(50)), dev=dev)
    assert f"{dev}, line 4: the label 'awful' does not occur in" in error.value.what
    assert error.value.fix == "The labels there are 'bad', 'good'."


def test_another_number_of_labels_than_the_teachers_is_told(run, write_jsonl):
    with pytest.raises(UserError, match="its 2 labels are 'bad', 'good'; the teacher's 3 are 'x', 'y', 'z'"):
        run(train=write_jsonl("t.jsonl", many(50)), labels=("x", "y", "z"))


def test_pairs_and_single_texts_do_not_mix(run, write_jsonl):
    dev = write_jsonl("dev.jsonl", [{"sentence1": "a", "sentence2": "b", "label": "bad"}])
    with pytest.raises(UserError, match="One table holds pairs of texts and the other does not"):
        run(train=write_jsonl("train.jsonl", many(50)), dev=dev)


def test_a_failed_run_leaves_no_half_splits(run, write_jsonl, tmp_path):
    with pytest.raises(UserError):
        run(train=write_jsonl("t.jsonl", [*many(50), {"text": ["a"], "label": "bad"}]))
    assert not (tmp_path / "task").exists() or list((tmp_path / "task").iterdir()) == []


def test_a_task_is_named_by_its_table(run, write_jsonl, tmp_path):
    (tmp_path / "mood").mkdir()
    path = write_jsonl("mood/train.jsonl", many(60))
    assert run(train=path).name == "mood"


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texts=st.lists(st.sampled_from("abcdefg"), min_size=30, max_size=60))
def test_duplicates_are_never_on_both_sides(run, write_jsonl, texts):
    rows = [{"text": f"{text} {i % 9}", "label": i % 2} for i, text in enumerate(texts)]
    try:
        task = run(train=write_jsonl("t.jsonl", rows), data={"dev_share": 0.4, "select_share": 0.3})
    except UserError as error:
        assert "too few rows" in error.what
        return
    sides = [keys(task, split) for split in ("train", "select", "dev")]
    assert sum(map(len, sides)) == len(set.union(*sides))


def test_importing_tasks_loads_nothing_heavy():
    heavy = ["torch", "transformers", "datasets", "pyarrow", "tokenizers", "numpy"]
    code = f"import edgebert.tasks, sys, json; print(json.dumps([m for m in {heavy} if m in sys.modules]))"
    assert json.loads(subprocess.check_output([sys.executable, "-c", code])) == []
