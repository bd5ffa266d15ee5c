"""What files lose on the selection rows, on toy files whose answers are known."""

import numpy as np
import pytest
import toy_files

from converters.artefact import save_list
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.task import Task
from edgebert.verify.selection import MOST_ROWS, Selection

LONGEST = 16
TEXTS = [
    Row(f"{'good' if i % 4 else 'bad'} {' '.join('abcdefghij'[: i % 10])}", None, (float(i % 4 > 0),))
    for i in range(40)
]


@pytest.fixture
def task(tmp_path):
    Rows.write(tmp_path / "task" / "select.arrow", TEXTS)
    return Task(tmp_path / "task", "toy", "classes", ("neg", "pos"), False, {"select": len(TEXTS)})


def selection(task, folder):
    tokenizer = toy_files.write_tokenizer(folder / "tokenizer.json")
    return Selection(task, tokenizer, folder / "fp32", LONGEST, folder / "scratch")


def spoilt_vectors():
    vectors = toy_files.word_vectors()
    vectors[toy_files.VOCABULARY["i"]] = 40, -40  # the rows with an "i", all positive, turn negative: 4 of 40
    return vectors


@pytest.mark.parametrize("output", ["logits", "probabilities"])
def test_the_same_answers_lose_nothing_and_others_what_they_cost(task, tmp_path, output):
    save_list([toy_files.write_onnx(tmp_path / "fp32", output=output)], tmp_path / "fp32")
    same = toy_files.write_onnx(tmp_path / "made", "model-int8.onnx", scheme="int8", output=output)
    other = toy_files.write_onnx(
        tmp_path / "made", "model-fp16.onnx", scheme="fp16", vectors=spoilt_vectors(), output=output
    )
    measure = selection(task, tmp_path)
    assert measure.loss(tmp_path / "made", [same]).drop == measure.loss(tmp_path / "made", [same]).change == 0
    loss = measure.loss(tmp_path / "made", [other])
    assert loss.drop == pytest.approx(10) and 0.05 < loss.change < 0.1 and loss.failure is None


def test_each_row_goes_to_the_shortest_file_that_it_fits_in(task, tmp_path):
    files = [toy_files.write_onnx(tmp_path / "fp32", f"model-s{n}-fp32.onnx", length=n) for n in (8, LONGEST)]
    save_list(files, tmp_path / "fp32")
    short = toy_files.write_onnx(tmp_path / "made", "s8.onnx", scheme="int8", length=8)
    long = toy_files.write_onnx(tmp_path / "made", "s16.onnx", scheme="int8", length=16, vectors=spoilt_vectors())
    # An "i" is in rows of more than 8 tokens alone.
    assert selection(task, tmp_path).loss(tmp_path / "made", [long, short]).drop == pytest.approx(10)
    long = toy_files.write_onnx(tmp_path / "made", "s16.onnx", scheme="int8", length=16)
    short = toy_files.write_onnx(tmp_path / "made", "s8.onnx", scheme="int8", length=8, vectors=spoilt_vectors())
    assert selection(task, tmp_path).loss(tmp_path / "made", [short, long]).drop == 0


def test_a_file_that_does_not_run_or_count_loses_everything(task, tmp_path):
    save_list([toy_files.write_onnx(tmp_path / "fp32")], tmp_path / "fp32")
    broken = toy_files.write_onnx(tmp_path / "made", "model-int8.onnx", scheme="int8")
    (tmp_path / "made" / broken.path).write_bytes(b"nonsense")
    loss = selection(task, tmp_path).loss(tmp_path / "made", [broken])
    assert loss.drop == 100 and "cannot be opened" in loss.failure
    vectors = np.full_like(toy_files.word_vectors(), np.nan)
    endless = toy_files.write_onnx(tmp_path / "made", "model-fp16.onnx", scheme="fp16", vectors=vectors)
    assert "not finite" in selection(task, tmp_path).loss(tmp_path / "made", [endless]).failure


def test_there_may_be_no_rows(tmp_path):
    Rows.write(tmp_path / "task" / "select.arrow", [])
    task = Task(tmp_path / "task", "toy", "classes", ("neg", "pos"), False, {"select": 0})
    assert len(selection(task, tmp_path)) == 0


def test_a_search_stays_affordable(tmp_path):
    Rows.write(tmp_path / "task" / "select.arrow", TEXTS * 50)
    task = Task(tmp_path / "task", "toy", "classes", ("neg", "pos"), False, {"select": 2000})
    assert len(selection(task, tmp_path)) == MOST_ROWS
