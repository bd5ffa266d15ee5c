"""Which kind a table is, and how its label column is read."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from edgebert.errors import UserError
from edgebert.tasks.sanity import Sanity
from edgebert.tasks.task import Task

MOODS = ([], ["joy"], ["anger", "joy"], ["fear"])


def listed(count=60):
    return [{"text": f"film number {i}", "labels": MOODS[i % 4]} for i in range(count)]


def scored(count=60, scale=1.0):
    return [{"text": f"film number {i}", "score": scale * i / 8} for i in range(count)]


def csv(path, column, cells):
    path.write_text(f"text,{column}\n" + "".join(f'film number {i},"{cell}"\n' for i, cell in enumerate(cells)))
    return path


def by_text(task):
    return {row.text: row.targets for split in ("train", "select", "dev") for row in task.rows(split)}


def refused(run, path, **options):
    with pytest.raises(UserError) as error:
        run(train=path, **options)
    assert error.value.fix
    return error.value.what


def test_lists_are_several_labels(run, write_jsonl):
    task = run(train=write_jsonl("t.jsonl", listed()))
    assert (task.kind, task.labels) == ("labels", ("anger", "fear", "joy"))
    found = by_text(task)
    assert [found[f"film number {i}"] for i in range(4)] == [(0, 0, 0), (0, 0, 1), (1, 0, 1), (0, 1, 0)]
    sanity = Sanity.load(task.folder)
    assert sanity.learnt == "any of 3 labels, in the column 'labels': its rows hold lists"
    assert sanity.rows["train"] == task.sizes["train"]
    assert sum(counts["joy"] for counts in sanity.balance.values()) == 30
    assert Task.load(task.folder) == task
    assert not np.isnan(task.rows("dev").targets).any()


def test_lists_in_parquet_are_several_labels(run, tmp_path):
    rows = listed()
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")
    task = run(train=tmp_path / "t.parquet")
    assert task.kind == "labels" and by_text(task)["film number 2"] == (1, 0, 1)


def test_cells_are_split_at_a_stated_separator(run, tmp_path):
    path = csv(tmp_path / "t.csv", "labels", [", ".join(MOODS[i % 4]) for i in range(60)])
    task = run(train=path, data={"label_separator": ","})
    assert (task.kind, task.labels) == ("labels", ("anger", "fear", "joy"))
    assert [by_text(task)[f"film number {i}"] for i in (0, 2)] == [(0, 0, 0), (1, 0, 1)]
    assert Sanity.load(task.folder).learnt.endswith("split at ','")


def test_without_a_separator_a_cell_is_one_class(run, tmp_path):
    path = csv(tmp_path / "t.csv", "labels", [("joy, anger", "joy")[i % 2] for i in range(60)])
    task = run(train=path)
    assert (task.kind, task.labels) == ("classes", ("joy", "joy, anger"))


def test_many_fractions_are_a_number(run, write_jsonl):
    task = run(train=write_jsonl("t.jsonl", scored(scale=900)))
    assert (task.kind, task.labels) == ("number", ("score",))
    numbers = task.rows("train").targets
    assert task.shift == pytest.approx(numbers.mean()) and task.scale == pytest.approx(numbers.std())
    standard = task.standard(numbers)
    assert standard.mean() == pytest.approx(0, abs=1e-5) and standard.std() == pytest.approx(1)
    assert by_text(task)["film number 13"] == (1462.5,)
    assert "a number, in the column 'score': it holds more than 20 different" in Sanity.load(task.folder).learnt


def test_numbers_as_text_are_a_number_too(run, tmp_path):
    path = csv(tmp_path / "t.csv", "score", [f"{i / 7:.3f}" for i in range(60)])
    assert run(train=path).kind == "number"


@pytest.mark.parametrize("stars", [[1, 2, 3, 4, 5], [0.5, 1.0, 1.5, 2.0]], ids=["whole", "halves"])
def test_few_numbers_are_classes_and_how_to_get_a_number_is_said(run, write_jsonl, stars):
    rows = [{"text": f"film number {i}", "stars": stars[i % len(stars)]} for i in range(60)]
    path = write_jsonl("t.jsonl", rows)
    task = run(train=path)
    assert task.kind == "classes" and len(task.labels) == len(stars)
    assert "--kind number learns them as a number" in " ".join(Sanity.load(task.folder).notes)
    task = run(train=path, data={"kind": "number"})
    assert (task.kind, task.labels) == ("number", ("stars",))
    assert Sanity.load(task.folder).learnt.endswith("as --kind says")
    assert not [note for note in Sanity.load(task.folder).notes if "--kind" in note or "no row" in note]


def test_the_teacher_decides(run, write_jsonl):
    number = run(train=write_jsonl("n.jsonl", scored(20)), labels=("LABEL_0",), kind="number")
    assert (number.kind, number.labels) == ("number", ("score",))
    named = run(train=write_jsonl("n.jsonl", scored(20)), labels=("similarity",), kind="number")
    assert named.labels == ("similarity",)
    several = run(train=write_jsonl("l.jsonl", listed()), labels=("joy", "fear", "anger", "calm"), kind="labels")
    assert several.labels == ("joy", "fear", "anger", "calm")
    assert by_text(several)["film number 2"] == (1, 0, 1, 0)
    assert "1 of the teacher's labels occur nowhere in the table: 'calm'." in " ".join(
        Sanity.load(several.folder).notes
    )


def test_a_single_label_may_apply_or_not(run, write_jsonl):
    rows = [{"text": f"film number {i}", "labels": ["spoiler"] * (i % 2)} for i in range(60)]
    task = run(train=write_jsonl("t.jsonl", rows))
    assert (task.kind, task.labels) == ("labels", ("spoiler",))


def test_pairs_have_every_kind(run, write_jsonl):
    rows = [{"sentence1": "a b", "sentence2": f"film {i}", "score": i / 7} for i in range(60)]
    task = run(train=write_jsonl("t.jsonl", rows))
    assert task.has_pair and task.kind == "number"


# What is wrong with a column


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        (float("nan"), "holds 'nan', which is no finite number"),
        (float("inf"), "holds 'inf', which is no finite number"),
        ("nan", "holds 'nan', which is no finite number"),
        ("very", "holds 'very', which is no finite number"),
        ("3,5", "holds '3,5', which is no finite number"),
        (True, "holds 'True', which is no finite number"),
        ("", "is empty"),
        (None, "is empty"),
        ([3.5], "holds a list, where line 1 holds none"),
    ],
)
def test_a_cell_that_is_no_number_is_named(run, write_jsonl, cell, what):
    rows = scored()
    rows[10]["score"] = cell
    path = write_jsonl("t.jsonl", rows)
    assert f"{path}, line 11: the column 'score' {what}" in refused(run, path)


def test_a_number_missing_in_dev_is_named(run, write_jsonl):
    dev = write_jsonl("dev.jsonl", [{"text": "x", "score": 1.5}, {"text": "y", "score": "none"}])
    assert f"{dev}, line 2: the column 'score' holds 'none'" in refused(run, write_jsonl("t.jsonl", scored()), dev=dev)


def test_one_number_only(run, write_jsonl):
    rows = [{"text": f"film {i}", "score": 2.5} for i in range(60)]
    assert "every row has the same number, 2.5" in refused(run, write_jsonl("t.jsonl", rows), data={"kind": "number"})


def test_lists_and_single_labels_do_not_mix(run, write_jsonl):
    rows = [*listed(5), {"text": "x", "labels": "joy"}, *listed()]
    path = write_jsonl("t.jsonl", rows)
    assert f"{path}, line 1: the column 'labels' holds a list, where line 6 holds none." in refused(run, path)


@pytest.mark.parametrize(
    ("labels", "what"),
    [(["joy", ""], "holds a list with an empty label"), (["joy", None], "holds a list with an empty label")],
)
def test_an_empty_label_in_a_list(run, write_jsonl, labels, what):
    path = write_jsonl("t.jsonl", [*listed(), {"text": "x", "labels": labels}])
    assert f"{path}, line 61: the column 'labels' {what}" in refused(run, path)


def test_no_label_at_all(run, write_jsonl):
    rows = [{"text": f"film {i}", "labels": []} for i in range(60)]
    assert "no row has a label" in refused(run, write_jsonl("t.jsonl", rows))


def test_texts_where_lists_were_promised(run, write_jsonl):
    rows = [{"text": f"film {i}", "labels": "joy"} for i in range(60)]
    path = write_jsonl("t.jsonl", rows)
    assert f"{path}, line 1: the column 'labels' holds 'joy', which is no list." in refused(
        run, path, data={"kind": "labels"}
    )


def test_several_labels_for_a_teacher_of_one(run, write_jsonl):
    path = write_jsonl("t.jsonl", listed())
    what = refused(run, path, labels=("anger", "fear", "joy"), kind="classes")
    assert f"{path}, line 1: the column 'labels' holds a list where one class should be." in what


@pytest.mark.parametrize(
    ("data", "teacher", "what"),
    [
        ({"kind": "number"}, "labels", "--kind number contradicts the teacher, which was trained for labels."),
        ({"kind": "number"}, None, "--kind number contradicts the teacher, which was trained for classes."),
        (
            {"label_separator": "|"},
            "number",
            "--label-separator contradicts the teacher, which was trained for number.",
        ),
    ],
)
def test_a_kind_that_the_teacher_is_not(run, write_jsonl, data, teacher, what):
    rows = [{"text": f"film {i}", "label": i % 2} for i in range(60)]
    assert refused(run, write_jsonl("t.jsonl", rows), data=data, labels=("0", "1"), kind=teacher) == what


@pytest.mark.parametrize("data", [{"label_separator": ""}, {"label_separator": ",", "kind": "number"}])
def test_a_separator_without_a_meaning(run, write_jsonl, data):
    assert "--label-separator" in refused(run, write_jsonl("t.jsonl", listed()), data=data)


def test_a_dev_label_that_train_has_not(run, write_jsonl):
    dev = write_jsonl("dev.jsonl", [{"text": "x", "labels": ["joy", "envy"]}])
    what = refused(run, write_jsonl("t.jsonl", listed()), dev=dev)
    assert f"{dev}, line 1: the label 'envy' does not occur in" in what


def test_a_pair_column_missing_in_dev(run, write_jsonl):
    train = write_jsonl("t.jsonl", [{"premise": "a", "hypothesis": str(i), "label": i % 2} for i in range(60)])
    dev = write_jsonl("dev.jsonl", [{"premise": "a", "label": 1}])
    what = refused(run, train, dev=dev)
    assert f"{dev} (columns premise, label)" in what and "holds pairs of texts and the other does not" in what
    named = refused(run, train, dev=dev, text_column="premise", pair_column="hypothesis")
    assert f"--pair-column hypothesis: {dev} has no such column." in named


@pytest.mark.parametrize("ending", ["csv", "jsonl", "tsv"])
def test_a_row_of_ten_million_characters_passes(run, tmp_path, ending):
    path, long = tmp_path / f"t.{ending}", "good film " * 1_000_000
    rows = [(f"film number {i}", ("bad", "good")[i % 2]) for i in range(60)] + [(long, "good")]
    if ending == "jsonl":
        lines = [json.dumps({"text": text, "label": label}) for text, label in rows]
    else:
        lines = [("," if ending == "csv" else "\t").join(row) for row in [("text", "label"), *rows]]
    path.write_text("\n".join(lines) + "\n")
    task = run(train=path)
    assert len(long) in {len(row.text) for split in ("train", "select", "dev") for row in task.rows(split)}
