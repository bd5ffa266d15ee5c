import json

import numpy as np
import pytest
import toy_files

from converters.artefact import save_list
from edgebert.errors import GateError, UserError
from edgebert.recipes.options import VerifyOptions
from edgebert.runtimes.in_process import InProcess
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.task import Task
from edgebert.verify import Scores, verify

LENGTHS = (8, 16)
LABELS = ("neg", "pos")
TEXTS = [
    Row(f"{'good' if i % 4 else 'bad'} {' '.join('abcdefghij'[: i % 10])}", None, (float(i % 4 > 0),))
    for i in range(40)
]
TEXTS[5] = Row("a good start " + "x y z " * 10, None, (0.0,))


class Bench:
    """A task, a student with its answers, and a folder for the files that are to be checked."""

    def __init__(self, folder):
        self.student, self.files, self.out = folder / "student", folder / "files", folder / "verified"
        Rows.write(folder / "task" / "dev.arrow", TEXTS)
        self.task = Task(folder / "task", "toy", "classes", LABELS, False, {"dev": len(TEXTS)})
        toy_files.write_tokenizer(self.student / "tokenizer.json")
        self.name_labels(dict(enumerate(LABELS)))
        self.files.mkdir()
        for length in LENGTHS:
            np.save(self.files / f"reference-s{length}.npy", toy_files.expected(self.tokens(length)))

    def tokens(self, length):
        return TextEncoder(self.student / "tokenizer.json", length).encode(TEXTS)

    def name_labels(self, names):
        (self.student / "config.json").write_text(json.dumps({"id2label": names}))

    def add(self, *args, **options):
        return toy_files.write_onnx(self.files, *args, **options)

    def verify(self, *artefacts, **options):
        save_list(artefacts, self.files)
        options = VerifyOptions(**options)
        return verify(self.task, self.student, [self.files], self.files, LENGTHS, options, self.out)

    def reasons(self, *artefacts, **options):
        return [" ".join(score.reasons) for score in self.verify(*artefacts, **options).files]


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def swapped(vectors):
    return vectors[:, ::-1].copy()


def test_files_that_answer_as_the_student_pass(bench):
    any_length = bench.add()
    fixed = [bench.add(f"model-s{n}-fp32.onnx", length=n) for n in LENGTHS]
    found = bench.verify(any_length, *fixed)
    assert found.passed
    assert Scores.load(bench.out / "scores.json") == found

    gold = np.array([row.targets[0] for row in TEXTS])
    for score, cut_at in zip(found.files, (16, 8, 16), strict=True):
        by_hand = toy_files.expected(bench.tokens(cut_at))
        assert score.metrics["accuracy"] == 100 * np.mean(by_hand.argmax(1) == gold)
        assert score.agreement == 100
        assert score.drop == 0
        assert score.max_logit_difference < 1e-6
        assert (score.rows, score.cut_at) == (40, cut_at)
        assert score.cut_rows == (17 if cut_at == 8 else 1)
        assert score.engine == "ort"
        assert len({worst.row for worst in score.worst}) == 5

    (driver,) = found.drivers
    assert driver.files == ("model-s8-fp32.onnx", "model-s16-fp32.onnx")
    assert driver.metrics == found.files[0].metrics
    assert (driver.agreement, driver.cut_rows, driver.file) == (100, 1, None)

    padded, sets = found.padding
    assert padded.lengths == (None, 8, 16)
    assert sets.lengths == (8, 16)
    assert padded.rows == sets.rows == 23
    assert max(padded.max_logit_difference, sets.max_logit_difference) < 1e-6


def test_the_order_of_inputs_in_the_file_does_not_matter(bench):
    assert bench.verify(bench.add(declared=("token_type_ids", "input_ids", "attention_mask"))).passed


SPOILT = {
    "ids and mask change names": dict(names=("attention_mask", "input_ids", "token_type_ids")),
    "mask and types change names": dict(names=("input_ids", "token_type_ids", "attention_mask")),
    "labels change places": dict(vectors=swapped(toy_files.word_vectors())),
    "weights of one word are lost": dict(vectors=toy_files.word_vectors() * (np.arange(32) != 10)[:, None].astype("f")),
    "all weights a little off": dict(vectors=toy_files.word_vectors() * np.float32(1.01)),
}


@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT)
def test_an_fp32_file_that_answers_otherwise_is_rejected(bench, spoilt):
    (reason,) = bench.reasons(bench.add(length=16, **spoilt))
    assert any(words in reason for words in ("differs from the student's", "another answer", "not finite"))


def test_labels_that_change_without_a_large_difference_are_seen(bench):
    """Rows on the edge: probabilities within the tolerance, and yet another answer."""
    reference = np.full((40, 2), 0.5, np.float32)
    reference[:, 0] += 1e-6
    np.save(bench.files / "reference-s16.npy", reference)
    (reason,) = bench.reasons(
        bench.add(length=16, vectors=np.tile(np.float32([0.0, 1e-6]), (32, 1))), fp32_tolerance=0.9
    )
    assert reason == "It gives another answer than the student on 100.00 % of the rows."


def test_other_input_names_are_rejected_and_the_other_files_still_scored(bench):
    renamed = bench.add("renamed-fp32.onnx", length=8, names=("ids", "mask", "kinds"))
    found = bench.verify(renamed, bench.add(length=16))
    assert "its inputs are ids int32" in found.files[0].reasons[0]
    assert found.files[0].metrics is None
    assert found.files[1].passed
    assert found.rejected == (found.files[0],)
    assert Scores.load(bench.out / "scores.json") == found


def test_a_mask_that_is_not_read_is_seen_by_padding_alone(bench):
    found = bench.verify(bench.add(masked=False))
    assert found.files[0].agreement == 100
    assert found.files[0].max_change < 1e-6
    assert not found.padding[0].passed
    assert found.files[0].reasons == ("The same rows padded to other lengths get other answers.",)


def test_files_of_two_lengths_that_disagree_are_seen(bench):
    vectors = toy_files.word_vectors() * np.float32(1.01)
    found = bench.verify(bench.add("a.onnx", length=8), bench.add("b.onnx", length=16, vectors=vectors))
    assert not found.padding[0].passed
    assert "differs" in found.drivers[0].reasons[0]


def test_bytes_changed_after_conversion_are_seen(bench):
    artefact = bench.add(length=16)
    with (bench.files / artefact.path).open("ab") as file:
        file.write(b"\x72\x00")  # an empty field: the same graph in other bytes
    (score,) = bench.verify(artefact).files
    assert score.max_change < 1e-6
    assert score.sha256 != artefact.sha256
    assert "another sha256" in score.reasons[0]


def test_numbers_that_are_not_finite_are_seen(bench):
    vectors = toy_files.word_vectors()
    vectors[toy_files.VOCABULARY["i"]] = np.nan
    (score,) = bench.verify(bench.add(length=16, vectors=vectors)).files
    assert score.reasons == ("It gives numbers that are not finite on 4 of 40 rows.",)
    assert score.metrics is None


def test_an_int8_file_may_lose_so_many_points_and_no_more(bench):
    vectors = toy_files.word_vectors()
    vectors[toy_files.VOCABULARY["i"]] = 40, -40  # the rows with an "i", all positive, turn negative: 4 of 40
    spoilt = bench.add("model-int8.onnx", scheme="int8", length=16, vectors=vectors)
    (score,) = bench.verify(spoilt, max_drop=11).files
    assert score.drop == pytest.approx(10)
    assert score.passed
    assert {worst.row for worst in score.worst} >= {9, 19, 29, 39}
    assert score.worst[0].change == max(worst.change for worst in score.worst)
    worst = next(worst for worst in score.worst if worst.row == 19)
    assert (worst.text, worst.label) == (TEXTS[19].text, "pos")
    assert worst.student[1] > 0.5 > worst.file[1]

    assert bench.verify(spoilt, max_drop=10).passed, "exactly as many as allowed"
    (reason,) = bench.reasons(spoilt, max_drop=9.9)
    assert reason == "accuracy drops by 10.00 points against the student; 9.9 are allowed."


def test_an_fp16_file_may_lose_less_than_an_int8_file(bench):
    vectors = toy_files.word_vectors()
    vectors[toy_files.VOCABULARY["i"]] = 40, -40
    spoilt = bench.add("model-fp16.onnx", scheme="fp16", length=16, vectors=vectors)
    (reason,) = bench.reasons(spoilt, max_drop=11)
    assert reason == "accuracy drops by 10.00 points against the student; 0.2 are allowed."
    assert bench.verify(spoilt, fp16_max_drop=10).passed


@pytest.mark.parametrize("spoilt", [SPOILT["ids and mask change names"], SPOILT["labels change places"]])
def test_an_int8_file_that_is_wired_wrongly_is_rejected(bench, spoilt):
    (reason,) = bench.reasons(bench.add("model-int8.onnx", scheme="int8", length=16, **spoilt))
    assert "accuracy drops by" in reason


def test_an_int8_file_that_always_says_the_same_is_rejected_whatever_the_drop(bench):
    dead = bench.add("model-int8.onnx", scheme="int8", length=16, vectors=np.zeros((32, 2), np.float32))
    (reason,) = bench.reasons(dead, max_drop=100)
    assert reason == "It answers the same for every row: it does not read its inputs."


def test_probabilities_are_compared_as_they_stand(bench):
    (score,) = bench.verify(bench.add(length=16, output="probabilities")).files
    assert score.passed
    assert score.max_logit_difference is None
    assert score.max_change < 1e-6
    vectors = toy_files.word_vectors() * np.float32(1.1)
    assert not bench.verify(bench.add(length=16, output="probabilities", vectors=vectors)).passed


def test_label_names_in_another_order_stop_everything(bench):
    bench.name_labels({"1": "neg", "0": "pos"})
    with pytest.raises(GateError, match=r"labels of .*config.json are \['pos', 'neg'\]"):
        bench.verify(bench.add(length=16))


@pytest.mark.parametrize("names", [{"0": "Neg", "1": "pos "}, {"0": "LABEL_0", "1": "LABEL_1"}, {}])
def test_label_names_that_say_the_same_or_nothing_are_fine(bench, names):
    bench.name_labels(names)
    assert bench.verify(bench.add(length=16)).passed


def test_answers_of_another_table_are_refused(bench):
    np.save(bench.files / "reference-s16.npy", np.zeros((39, 2), np.float32))
    with pytest.raises(UserError, match="another dev table"):
        bench.verify(bench.add(length=16))


def test_a_changed_vocabulary_is_seen(bench):
    path = bench.student / "tokenizer.json"
    stored = json.loads(path.read_text())
    words = stored["model"]["vocab"]
    words["good"], words["bad"] = words["bad"], words["good"]
    path.write_text(json.dumps(stored))
    assert not bench.verify(bench.add(length=16)).passed


def test_a_killed_check_goes_on_with_the_files_it_has_scored(bench, monkeypatch):
    first, second = bench.add("a.onnx", length=8), bench.add("b.onnx", length=16)
    bench.verify(first)
    asked = []
    run = InProcess.run
    monkeypatch.setattr(InProcess, "run", lambda self, job: (asked.append(job.file.artefact.path), run(self, job)))
    found = bench.verify(first, second)
    assert asked == ["b.onnx"]
    assert found.passed

    changed = toy_files.write_onnx(bench.files, "b.onnx", length=16, vectors=swapped(toy_files.word_vectors()))
    assert not bench.verify(first, changed).passed, "another file of the same name is run again"


def test_a_set_answers_each_row_with_the_shortest_file_it_fits_in(bench):
    short = bench.add("s8.onnx", scheme="int8", length=8)
    wrong = bench.add("s16.onnx", scheme="int8", length=16, vectors=swapped(toy_files.word_vectors()))
    (driver,) = bench.verify(short, wrong).drivers
    long_rows = np.array([len(row.input_ids) > 8 for row in bench.tokens(16)])
    by_hand = toy_files.expected(bench.tokens(16))
    edge = np.abs(by_hand[:, 0] - by_hand[:, 1]).min()
    assert edge > 0.01, "no row is undecided, so the swapped file differs on every row"
    assert driver.agreement == 100 * np.mean(~long_rows)
    assert driver.bytes == short.bytes + wrong.bytes
