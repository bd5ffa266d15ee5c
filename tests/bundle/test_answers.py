"""A bundle folder alone, against its goldens: what is wrong in it makes `edgebert verify BUNDLE` fail."""

import json
from pathlib import Path

import numpy as np
import pytest
import toy_files
from tiny import call

from edgebert.bundle.manifest import Asset, Entry, Manifest, Model, ModelFile, Quality, Runtime, RuntimeCheck, Tokenizer
from edgebert.files import read_json, sha256, write_json
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Row

LENGTH = 8
TEXTS = {"dev 1": "good a b", "dev 2": "bad c", "dev 3": "x y z", "empty text": "", "long": "good bad " * 9}
QUALITY = Quality(
    metric="accuracy", value=100.0, drop=0.0, agreement=100.0, max_change=0.02, unit=1.0, rows=3, cut_rows=0,
    cut_at=LENGTH,
)  # fmt: skip


class Bundle:
    """A bundle of toy files that anyone can spoil; `sign` writes the manifest anew over what is there."""

    def __init__(self, folder):
        self.folder = folder
        toy_files.write_tokenizer(folder / "tokenizer.json")
        (folder / "vocab.txt").write_text("".join(f"{word}\n" for word in toy_files.VOCABULARY))
        (folder / "labels.txt").write_text("neg\npos\n")
        tokens = TextEncoder(folder / "tokenizer.json", LENGTH).encode([Row(text) for text in TEXTS.values()])
        texts = [
            {"name": name, "text": text, "pair": None, "label": "neg" if name.startswith("dev") else None, "cuts": [
                {"length": LENGTH, "input_ids": row.input_ids, "token_type_ids": row.token_type_ids,
                 "logits": [round(float(value), 6) for value in logits]}]}
            for (name, text), row, logits in zip(TEXTS.items(), tokens, toy_files.expected(tokens), strict=True)
        ]  # fmt: skip
        write_json(folder / "golden.json", {"schema": 1, "labels": ["neg", "pos"], "texts": texts})
        toy_files.write_onnx(folder, "toy-fp32.onnx")
        toy_files.write_onnx(
            folder, "toy-int8.onnx", scheme="int8", vectors=toy_files.word_vectors() * np.float32(1.01)
        )
        self.sign()

    def sign(self, labels=("neg", "pos"), refused=()):
        models = []
        for scheme in ("fp32", "int8"):
            file = toy_files.promise(self.folder / f"toy-{scheme}.onnx", scheme=scheme)
            (entry,), ort = file.entries, Runtime(name="ort", version="1")
            check = RuntimeCheck(runtime=ort, length=None, value=1.0, drop=0.0, reasons=refused)
            models.append(Model(
                format="onnx", scheme=scheme, driver="single", engine="ort", engine_version="1", quantization={},
                output="logits", lengths=(), quality=QUALITY, files=(ModelFile(
                    path=file.path, sha256=file.sha256, bytes=file.bytes, output=file.output, runtimes=(check,),
                    minimum_runtime=ort,
                    entries=(Entry(signature=None, length=None, inputs=entry.inputs, quality=QUALITY),),
                ),)))  # fmt: skip
        assets = ("tokenizer.json", "vocab.txt", "labels.txt", "golden.json")
        write_json(self.folder / "manifest.json", Manifest(
            name="toy", task="toy", kind="classes", labels=labels, has_pair=False, models=tuple(models),
            tokenizer=Tokenizer(model="WordPiece", file="tokenizer.json", vocabulary="vocab.txt", max_length=LENGTH,
                                truncation="longest_first", pad_id=0),
            golden="golden.json",
            assets=tuple(Asset(path=name, sha256=sha256(self.folder / name), bytes=1) for name in assets),
            student={}, licences=(), versions={}, revision=None,
        ).to_dict())  # fmt: skip

    def golden(self, change):
        values = read_json(self.folder / "golden.json")
        change(values)
        write_json(self.folder / "golden.json", values)


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


def set_logit(values):
    values["texts"][1]["cuts"][0]["logits"][0] += 0.5


def set_id(values):
    values["texts"][0]["cuts"][0]["input_ids"][1] += 1


def swap_words(path):
    text = path.read_text()
    path.write_text(text.replace("good", "\0").replace("bad", "good").replace("\0", "bad"))


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
