"""Several runtimes a file and several signatures a file, in the runtimes themselves."""

import json
from dataclasses import replace

import numpy as np
import pytest
import toy_files

from converters import Deployment, GraphSpec, convert
from converters.artefact import digest, load_list, save_list
from edgebert import quantize
from edgebert.errors import EdgebertError, UserError
from edgebert.recipes.options import QuantizeOptions, VerifyOptions
from edgebert.runtimes.setup import setup
from edgebert.tasks.encoder import TextEncoder, pad
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.task import Task
from edgebert.verify import verify

LENGTHS, WIDTH = (8, 16), 64
TEXTS = [
    Row(f"{'good' if i % 3 else 'bad'} {' '.join('abcdefghijklmn'[: i % 14])}", None, (float(i % 3 > 0),))
    for i in range(40)
]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A task whose student is a small network, and its files: one of two signatures, fp32, and its int8 forms."""
    import torch

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.words = torch.nn.Embedding(len(toy_files.VOCABULARY), WIDTH)
            self.types, self.hidden = torch.nn.Embedding(2, WIDTH), torch.nn.Linear(WIDTH, WIDTH)
            self.head = torch.nn.Linear(WIDTH, 2)
            with torch.no_grad():
                self.words.weight[toy_files.VOCABULARY["good"]] *= 20

        def forward(self, input_ids, attention_mask, token_type_ids):
            kept = attention_mask.float()[:, :, None]
            mean = ((self.words(input_ids) + self.types(token_type_ids)) * kept).sum(1) / kept.sum(1)
            return self.head(torch.relu(self.hidden(mean)))

    folder, net = tmp_path_factory.mktemp("made"), Net().eval()
    student, files = folder / "student", folder / "files"
    toy_files.write_tokenizer(student / "tokenizer.json")
    (student / "config.json").write_text(json.dumps({}))
    spec = GraphSpec(target="litert", lengths=LENGTHS, layout="signatures", inputs=toy_files.INPUTS, num_labels=2)
    (artefact,) = convert(Deployment.of(net, spec), files, "net")
    save_list([artefact], files)
    quantize.quantize(files, QuantizeOptions(schemes=("int8",)), folder / "int8")
    references = {}
    for length in LENGTHS:
        tokens = pad(TextEncoder(student / "tokenizer.json", length).encode(TEXTS), None, 0)
        with torch.no_grad():
            references[length] = net(**{name: torch.from_numpy(value) for name, value in tokens.items()}).numpy()
        np.save(files / f"reference-s{length}.npy", references[length])
    answers = references[16].argmax(1)
    assert 5 < answers.sum() < 35, "the student knows two classes"
    Rows.write(
        folder / "task" / "dev.arrow",
        [replace(row, targets=(float(y),)) for row, y in zip(TEXTS, answers, strict=True)],
    )
    task = Task(folder / "task", "toy", "classes", ("neg", "pos"), False, {"dev": len(TEXTS)})
    return folder, task, artefact


def check(made, folders, out, *names):
    folder, task, _ = made
    options = VerifyOptions(runtimes=names or ("ort", "litert"), max_drop=5)
    return verify(
        task, folder / "student", [folder / name for name in folders], folder / "files", LENGTHS, options, out
    )


def test_one_file_has_a_signature_a_length(made):
    from converters.lint import inspect

    folder, _, artefact = made
    assert (artefact.path, artefact.driver, artefact.lengths) == ("net-fp32.tflite", "by-signature", LENGTHS)
    assert [entry.signature for entry in artefact.entries] == ["classify_8", "classify_16"]
    assert load_list(folder / "files") == [artefact]
    for path, kind in ((folder / "files" / artefact.path, "float32"), (folder / "int8" / "net-int8.tflite", "int8")):
        found = inspect(path)
        assert [(f.signature, f.inputs[0].shape) for f in found.functions] == [
            ("classify_8", (1, 8)), ("classify_16", (1, 16)),
        ]  # fmt: skip
        one = (len(toy_files.VOCABULARY) + WIDTH) * WIDTH * (4 if kind == "float32" else 1)
        assert one <= found.weights[kind] < 1.5 * one, "both signatures read the same weights"


def test_each_signature_and_the_choice_between_them_is_scored(made, tmp_path):
    found = check(made, ["files", "int8"], tmp_path)
    assert found.passed and not found.refused
    assert [(s.scheme, s.length, s.cut_at, s.engine) for s in found.files] == [
        ("fp32", 8, 8, "litert"), ("fp32", 16, 16, "litert"), ("int8", 8, 8, "litert"), ("int8", 16, 16, "litert"),
    ]  # fmt: skip
    assert max(score.max_logit_difference for score in found.files[:2]) < 1e-5
    assert all(1e-6 < score.max_logit_difference < 0.5 for score in found.files[2:])
    assert found.files[0].metrics["accuracy"] < 100, "rows are cut at 8"
    whole, small = found.drivers
    assert (whole.file, whole.files, whole.length, whole.driver) == (None, ("net-fp32.tflite",), None, "by-signature")
    assert whole.bytes == found.files[0].bytes
    assert (whole.metrics["accuracy"], whole.agreement, whole.cut_rows) == (100, 100, found.files[1].cut_rows)
    assert small.agreement >= 95
    assert next((one.files, one.lengths) for one in found.padding) == (("net-fp32.tflite",), LENGTHS)


def test_a_format_that_no_runtime_reads_is_a_mistake(made, tmp_path):
    with pytest.raises(UserError, match=r"--runtimes ort: none of them runs tflite files.\nAdd litert"):
        check(made, ["files"], tmp_path, "ort")


@pytest.fixture(scope="session")
def old_runtime(tmp_path_factory):
    """tflite-runtime 2.14 in an environment made for this session, if pip can reach it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EDGEBERT_HOME", str(tmp_path_factory.mktemp("home")))
        try:
            setup("tflite-runtime")
        except EdgebertError as error:
            pytest.skip(f"no environment for tflite-runtime: {error.what}")
        yield "tflite-runtime"


def whole_tensors(source, target):
    """int8 weights with one scale a tensor, which old runtimes read rightly."""
    from ai_edge_quantizer import qtyping, quantizer

    work = quantizer.Quantizer(source)
    work.add_dynamic_config(".*", qtyping.TFLOperationName.FULLY_CONNECTED, 8, qtyping.QuantGranularity.TENSORWISE)
    target.write_bytes(work.quantize(enable_progress_report=False).quantized_model)


@pytest.mark.slow
def test_an_old_runtime_refuses_what_is_wrong_in_it_alone(made, old_runtime, tmp_path):
    folder, _, artefact = made
    found = check(made, ["files", "int8"], tmp_path / "a", "litert", old_runtime)
    assert not found.rejected, "right where it counts"
    assert {(s.file, s.engine, s.engine_version) for s in found.refused if s.file} == {
        ("net-int8.tflite", "tflite-runtime", "2.14.0")
    }
    assert "It answers the same for every row: it does not read its inputs." in found.refused[0].reasons
    old = [score for score in found.checks("net-fp32.tflite") if score.engine == old_runtime]
    assert [(score.passed, score.length, score.agreement) for score in old] == [(True, 8, 100), (True, 16, 100)]
    assert found.unserved == ("tflite-runtime 2.14.0",)
    assert check(made, ["int8"], tmp_path / "c", old_runtime).rejected, "the first runtime decides"

    target = folder / "whole" / "net-int8-whole.tflite"
    target.parent.mkdir()
    whole_tensors(folder / "files" / artefact.path, target)
    small = replace(artefact, path=target.name, scheme="int8-whole", sha256=digest(target), bytes=target.stat().st_size)
    save_list([small], target.parent)
    served = check(made, ["int8", "whole"], tmp_path / "b", "litert", old_runtime)
    assert all(score.passed for score in served.checks(target.name))
    assert not served.unserved
