"""Files that take the text itself: the same ids and answers as the files that take ids, or a refusal."""

from types import SimpleNamespace

import numpy as np
import pytest
import tiny
import toy_files
from classifier_files import write_tokenizer

from converters import text_input as converter
from edgebert import bundle
from edgebert.bundle.manifest import Manifest
from edgebert.bundle.text_input import check_answers
from edgebert.errors import GateError, UserError
from edgebert.files import read_json, write_json
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Row, Rows

LENGTH = 8
TEXTS = ["good a b", "Bad, C!", "", "x " * 40, "GOOD é\u0301 天 good", "\tgood\n bad"]


@pytest.fixture(autouse=True)
def with_extensions():
    """Skips where onnxruntime-extensions is not installed."""
    pytest.importorskip("onnxruntime_extensions", reason="pip install 'edgebert[text-input]'")


@pytest.fixture
def made(tmp_path):
    """A toy file of any length, the file that takes a text, and the tokenizer of both."""
    from edgebert.verify.text_input import tokenizer_of

    toy = toy_files.write_onnx(tmp_path, "toy.onnx")
    encoder = TextEncoder(toy_files.write_tokenizer(tmp_path / "tokenizer.json"), LENGTH)
    converter.write(tmp_path / toy.path, tmp_path / "text.onnx", tokenizer_of(encoder.path, LENGTH))
    return tmp_path / toy.path, tmp_path / "text.onnx", encoder


def test_a_text_is_split_and_answered_as_by_hand(made):
    from edgebert.runtimes.text_input import TextSession

    _, path, encoder = made
    session, tokens = TextSession(path, "logits"), encoder.encode([Row(text) for text in TEXTS])
    for text, row, wanted in zip(TEXTS, tokens, toy_files.expected(tokens), strict=True):
        ids, logits = session.run(text)
        assert ids == row.input_ids and len(ids) <= LENGTH
        np.testing.assert_allclose(logits, wanted, atol=1e-5)


def test_a_file_of_other_weights_is_found_out(made):
    model, path, encoder = made
    rows = [Row(text) for text in TEXTS]
    check_answers(model, path, encoder, "logits", rows)
    other = toy_files.write_onnx(model.parent, "other.onnx", vectors=toy_files.word_vectors() * np.float32(1.01))
    with pytest.raises(GateError, match=r"text\.onnx is .* off other\.onnx"):
        check_answers(model.parent / other.path, path, encoder, "logits", rows)


def task(folder, texts, has_pair=False):
    rows = Rows.write(folder / "dev.arrow", [Row(text) for text in texts])
    return SimpleNamespace(has_pair=has_pair, rows=lambda split: rows)


def test_texts_that_are_split_otherwise_are_counted_and_refused(tmp_path):
    from edgebert.verify.text_input import Agreement, compare, need_exact

    tokenizer = tmp_path / "tokenizer.json"
    write_tokenizer(tokenizer)
    same = compare(task(tmp_path, ["good film", "CAFÉS!"]), tokenizer, LENGTH)
    assert (same.rows, same.different) == (2, 0) and 0 < same.strange_different < same.strange
    need_exact(same)
    other = compare(task(tmp_path, ["good film", "a [SEP] b"]), tokenizer, LENGTH)  # no special tokens in its texts
    assert (other.different, other.examples) == (1, ("a [SEP] b",))
    other.save(tmp_path)
    assert Agreement.load(tmp_path) == other
    with pytest.raises(UserError, match=r"splits 1 of 2 dev texts otherwise .* 'a \[SEP\] b'"):
        need_exact(other)


def test_what_its_tokenizer_cannot_do_is_refused(tmp_path):
    from edgebert.verify.text_input import compare

    tokenizer = tmp_path / "tokenizer.json"
    write_tokenizer(tokenizer)
    with pytest.raises(UserError, match="does not cut pairs"):
        compare(task(tmp_path, ["good"], has_pair=True), tokenizer, LENGTH)
    values = read_json(tokenizer)
    write_json(tokenizer, values | {"normalizer": None})
    with pytest.raises(UserError, match="this model has another"):
        compare(task(tmp_path, ["good"]), tokenizer, LENGTH)


@pytest.mark.slow
def test_an_export_brings_them_and_verify_asks_them(teacher_folder, reviews_csv, tmp_path):
    out = tmp_path / "run"
    assert tiny.call(
        "export", "--teacher", teacher_folder, "--dev", reviews_csv, "--student", "none", "--lengths", 16,
        "--target", "onnx-mobile", "--text-input", "exact", "--no-baselines", "--timed-rows", 4, "--out", out,
    ) == 0  # fmt: skip
    manifest = Manifest.load(out / "bundle")
    bundle.check(out / "bundle")
    of = {file.path for model in manifest.models for file in model.files}
    assert {one.of for one in manifest.text_models} == of and len(of) == 2
    assert all(one.path in manifest.digests and one.different == 0 for one in manifest.text_models)
    assert "Files that take a text, by onnxruntime-extensions" in (out / "report.md").read_text()
    assert tiny.call("verify", out / "bundle") == 0
