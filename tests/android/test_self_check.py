"""What the app does with a bundle, on a JVM: its self-check, its answers, its result file."""

import json
import shutil

import numpy as np
import pytest
import toy_files
from toy_bundle import TEXTS, Bundle, set_id, set_logit, swap_words

from android_demo.check import jvm

pytestmark = pytest.mark.usefixtures("android_tools")


@pytest.fixture
def made(tmp_path):
    return Bundle(tmp_path / "bundle")


def test_a_bundle_as_it_was_written_is_right(made):
    assert jvm.findings(made.folder) == []


SPOILT = {
    "a golden's logits": (lambda b: b.golden(set_logit), "off the golden 'dev 2'"),
    "a golden's ids": (lambda b: b.golden(set_id), "other ids than the golden 'dev 1' at 8."),
    "the tokenizer's words": (lambda b: swap_words(b.folder / "tokenizer.json"), "other ids than the golden"),
    "the vocabulary": (lambda b: swap_words(b.folder / "vocab.txt"), "vocab.txt is not the vocabulary of"),
    "labels.txt": (lambda b: (b.folder / "labels.txt").write_text("pos\nneg\n"), "[pos, neg] in labels.txt"),
    "weights of the fp32 file": (
        lambda b: toy_files.write_onnx(b.folder, "toy-fp32.onnx", vectors=toy_files.word_vectors() * np.float32(1.01)),
        "toy-fp32.onnx at 8 tokens is",
    ),
    "weights of the int8 file": (
        lambda b: toy_files.write_onnx(b.folder, "toy-int8.onnx", vectors=toy_files.word_vectors()[:, ::-1].copy()),
        "toy-int8.onnx at 8 tokens is",
    ),
    "a file that is no model": (
        lambda b: (b.folder / "toy-int8.onnx").write_bytes(b"no model"), "toy-int8.onnx: ONNX Runtime"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "words"), SPOILT.values(), ids=SPOILT)
def test_what_was_spoilt_is_named_although_the_manifest_agrees(made, spoil, words):
    spoil(made)
    made.sign()
    found = jvm.findings(made.folder)
    assert len(found) == 1 or spoil is SPOILT["the tokenizer's words"][0] or spoil is SPOILT["a golden's logits"][0]
    assert any(words in one for one in found), found


def test_labels_in_another_order_in_the_manifest(made):
    made.sign(labels=("pos", "neg"))
    assert jvm.findings(made.folder) == [
        "The labels are [pos, neg] in manifest.json, [neg, pos] in golden.json, [neg, pos] in labels.txt."
    ]


def test_files_edited_after_the_manifest_was_written_are_named(made):
    names = ("golden.json", "vocab.txt", "labels.txt", "toy-fp32.onnx", "report.json")
    for name in names:
        with (made.folder / name).open("ab") as file:
            file.write(b" ")
    found = jvm.findings(made.folder)
    assert {f"{name} is another file than the manifest says." for name in names} <= set(found)


@pytest.mark.parametrize(("spoil", "words"), [
    (lambda folder: shutil.rmtree(folder), "The bundle has no manifest.json. Put a bundle into the app"),
    (lambda folder: (folder / "golden.json").unlink(), "The bundle has no golden.json."),
    (lambda folder: (folder / "manifest.json").write_text('{"schema": 3, "labels"'), "cannot be read: manifest.json:"),
    (lambda folder: (folder / "manifest.json").write_text('{"schema": 2}'), "manifest.json: schema is not 3, which"),
    (lambda folder: (folder / "toy-fp32.onnx").unlink(), "toy-fp32.onnx is missing."),
], ids=["no bundle", "no goldens", "half a manifest", "an older manifest", "no model"])  # fmt: skip
def test_a_broken_or_missing_bundle_is_a_message(made, spoil, words):
    spoil(made.folder)
    assert any(words in one for one in jvm.findings(made.folder))


def test_answers_are_the_files(made):
    found = jvm.answers(made.folder, [("good film", None), ("bad " * 20, None)])
    assert set(found) == {"onnx fp32", "onnx int8"}
    for good, bad in found.values():
        assert (good["labels"], bad["labels"]) == (["pos"], ["neg"])
        assert abs(sum(good["values"].values()) - 1) < 1e-9 and good["values"]["pos"] > 0.5
        assert bad["tokens"] == 22


def test_times_are_in_the_reports_schema(made):
    found = json.loads(jvm.program("benchmark", made.folder))
    assert found["scores"] == {"fp32_tolerance": 1e-4}, "the run's own report"
    for times in (found["latencies"], found["paced"]):
        assert [(one["files"], one["at"], one["conditions"]["length"]) for one in times] == [
            ([f"toy-{scheme}.onnx"], at, length)
            for scheme in ("fp32", "int8")
            for at, length in (("length", 8), ("rows", None))
        ]
        assert all(0 < one["p50_ms"] <= one["p90_ms"] <= one["p99_ms"] and one["first_call_ms"] > 0 for one in times)
    assert len(TEXTS) == 5
