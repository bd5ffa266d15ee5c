"""A bundle folder alone, against its goldens: what is wrong in it makes `edgebert verify BUNDLE` fail."""

import json
from pathlib import Path

import numpy as np
import pytest
import toy_files
from tiny import call
from toy_bundle import Bundle, set_id, set_logit, swap_words


@pytest.fixture
def made(tmp_path):
    return Bundle(tmp_path / "bundle")


@pytest.fixture
def verify(made, capsys):
    """The command's exit code and all it says."""

    def verify(*options):
        code = call("verify", made.folder, "--runtimes", "ort", *options)
        shown = capsys.readouterr()
        return code, " ".join((shown.out + shown.err).split())

    return verify


def test_a_bundle_as_it_was_written_is_right(verify):
    code, shown = verify()
    assert code == 0
    assert "whole, and 2 times a file in a runtime all goldens are answered" in shown


SPOILT = {
    "a golden's logits": (lambda b: b.golden(set_logit), "off the golden 'dev 2' (a probability)"),
    "a golden's ids": (lambda b: b.golden(set_id), "gives other token ids than the golden 'dev 1' at 8 tokens"),
    "the tokenizer's words": (lambda b: swap_words(b.folder / "tokenizer.json"), "gives other token ids"),
    "the vocabulary": (lambda b: swap_words(b.folder / "vocab.txt"), "vocab.txt is not the vocabulary of"),
    "labels.txt": (lambda b: (b.folder / "labels.txt").write_text("pos\nneg\n"), "['pos', 'neg'] in labels.txt"),
    "input names": (
        lambda b: toy_files.write_onnx(
            b.folder, "toy-fp32.onnx", names=("attention_mask", "input_ids", "token_type_ids")
        ),
        "toy-fp32.onnx at 8 tokens in ort",
    ),
    "weights of the int8 file": (
        lambda b: toy_files.write_onnx(b.folder, "toy-int8.onnx", vectors=toy_files.word_vectors()[:, ::-1].copy()),
        "toy-int8.onnx at 8 tokens in ort",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "words"), SPOILT.values(), ids=SPOILT)
def test_what_was_spoilt_is_named_although_the_manifest_agrees(made, verify, spoil, words):
    spoil(made)
    made.sign()
    code, shown = verify()
    assert code == 1
    assert words in shown
    assert "Do not ship it." in shown


def test_labels_in_another_order_in_the_manifest(made, verify):
    made.sign(labels=("pos", "neg"))
    code, shown = verify()
    assert code == 1
    assert "The labels are ['pos', 'neg'] in manifest.json, ['neg', 'pos'] in golden.json" in shown


@pytest.mark.parametrize("name", ["golden.json", "vocab.txt", "labels.txt", "toy-fp32.onnx"])
def test_a_file_edited_after_its_manifest_was_written(made, verify, name):
    with (made.folder / name).open("ab") as file:
        file.write(b" ")
    code, shown = verify()
    assert code == 2
    assert f"{name} is another file than the manifest says" in shown


def test_a_file_is_not_run_where_the_manifest_refuses_it(made, verify):
    toy_files.write_onnx(made.folder, "toy-fp32.onnx", vectors=np.zeros((32, 2), np.float32))
    made.sign(refused=("It answers the same for every row.",))
    assert verify()[0] == 0


def test_options_of_a_run_nearby_do_not_hold_for_a_bundle(made, verify, tmp_path, monkeypatch):
    (tmp_path / "artefacts").mkdir()
    (tmp_path / "artefacts" / "run.json").write_text(json.dumps({"source": {}, "recipe": {"verify": {"max_dorp": 1}}}))
    monkeypatch.chdir(tmp_path)
    assert verify()[0] == 0


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder no user can write to")
def test_a_bundle_folder_that_cannot_be_written(made, tmp_path):
    from edgebert import bundle
    from edgebert.errors import UserError

    for project in (tmp_path / "file", Path("/proc/app")):
        if project.parent == tmp_path:
            project.write_text("")
        with pytest.raises(UserError, match="The bundle cannot be written to"):
            bundle.install(made.folder, project)
