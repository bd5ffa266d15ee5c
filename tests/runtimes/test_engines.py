"""Each engine, on a file whose answers are known by hand."""

from dataclasses import replace

import numpy as np
import pytest
import toy_files

from converters.artefact import Entry
from converters.graph_spec import GraphSpec, TensorSpec
from edgebert import runtimes
from edgebert.runtimes.jobs import ModelFile, RunJob
from edgebert.runtimes.runtime import RuntimeFailure, check_session
from edgebert.runtimes.token_file import TokenFile
from edgebert.runtimes.worker import call
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Row

LENGTH = 8
TEXTS = [Row("good"), Row("a bad b"), Row("c", "good d"), Row("x y z"), Row("bad", "bad")]


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    path = toy_files.write_tokenizer(tmp_path_factory.mktemp("tokenizer") / "tokenizer.json")
    return TextEncoder(path, LENGTH).encode(TEXTS)


@pytest.fixture(scope="module")
def rows(tmp_path_factory, tokens):
    folder = tmp_path_factory.mktemp("rows")
    TokenFile.write(folder, tokens, pad_id=0)
    return folder


@pytest.fixture(scope="module")
def tflite(tmp_path_factory):
    """The toy as a TFLite file of length 8, through the converters."""
    import torch

    import converters

    class Toy(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.words = torch.nn.Embedding.from_pretrained(torch.tensor(toy_files.word_vectors()))
            self.types = torch.nn.Embedding.from_pretrained(torch.tensor(toy_files.TYPES))

        def forward(self, input_ids, attention_mask, token_type_ids):
            kept = attention_mask.float()[:, :, None]
            return ((self.words(input_ids) + self.types(token_type_ids)) * kept).sum(1) / kept.sum(1)

    folder = tmp_path_factory.mktemp("tflite")
    spec = GraphSpec(target="litert", lengths=(LENGTH,), inputs=toy_files.INPUTS, num_labels=2)
    (artefact,) = converters.convert(converters.Deployment.of(Toy(), spec), folder, "toy")
    return ModelFile(folder, artefact)


def run(file, rows, tmp_path, **options):
    out = tmp_path / "out.npy"
    runtimes.for_format(file.artefact.format).run(RunJob(file, rows, out, **{"threads": 2, **options}))
    return np.load(out)


@pytest.mark.parametrize("pad_to", [None, 8, 11])
@pytest.mark.parametrize("threads", [1, 3])
def test_ort_gives_the_answers_known_by_hand(tmp_path, tokens, rows, threads, pad_to):
    file = ModelFile(tmp_path, toy_files.write_onnx(tmp_path))
    found = run(file, rows, tmp_path, threads=threads, pad_to=pad_to)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, toy_files.expected(tokens), atol=1e-6)


def test_litert_gives_the_answers_known_by_hand(tmp_path, tokens, rows, tflite):
    np.testing.assert_allclose(run(tflite, rows, tmp_path), toy_files.expected(tokens), atol=1e-6)


def test_litert_binds_by_name_whatever_the_order_of_the_feeds(tokens, rows, tflite):
    (session,) = runtimes.get("litert").open(tflite.path, tflite.artefact, 1)
    feeds = TokenFile(rows).feeds(2, LENGTH)
    backwards = dict(reversed(feeds.items()))
    np.testing.assert_allclose(session.run(backwards), toy_files.expected(tokens[2:3]), atol=1e-6)
    with pytest.raises(ValueError, match="ids"):
        session.run({"ids" if name == "input_ids" else name: value for name, value in feeds.items()})


def test_inputs_are_bound_by_name_not_by_order(tmp_path, tokens, rows):
    declared = ("token_type_ids", "attention_mask", "input_ids")
    file = ModelFile(tmp_path, toy_files.write_onnx(tmp_path, declared=declared))
    np.testing.assert_allclose(run(file, rows, tmp_path), toy_files.expected(tokens), atol=1e-6)


def test_a_renamed_input_is_refused_with_both_names(tmp_path, rows):
    names = ("input_ids", "input_mask", "token_type_ids")
    file = ModelFile(tmp_path, toy_files.write_onnx(tmp_path, names=names))
    with pytest.raises(RuntimeFailure, match=r"its inputs are .*input_mask.*, not .*attention_mask"):
        run(file, rows, tmp_path)


def test_a_file_of_another_length_is_refused(tmp_path, tflite):
    (session,) = runtimes.get("litert").open(tflite.path, tflite.artefact, 1)
    check_session(session, tflite.artefact)
    longer = GraphSpec(target="litert", lengths=(16,), inputs=toy_files.INPUTS, num_labels=2)
    with pytest.raises(RuntimeFailure, match=r"\[1, 8\].* not .*\[1, 16\]"):
        entry = Entry(signature="classify", length=16, inputs=longer.input_specs(16))
        check_session(session, replace(tflite.artefact, entries=(entry,)))
    other = replace(tflite.artefact, output=TensorSpec("probabilities", "float32", (1, 2)))
    with pytest.raises(RuntimeFailure, match="its outputs are logits"):
        check_session(session, other)


@pytest.mark.parametrize("engine", ["ort", "litert"])
def test_a_file_that_is_none_is_refused(tmp_path, rows, tflite, engine):
    artefact = toy_files.write_onnx(tmp_path) if engine == "ort" else tflite.artefact
    (tmp_path / artefact.path).write_bytes(b"not a model")
    with pytest.raises(RuntimeFailure, match="cannot be opened"):
        run(ModelFile(tmp_path, artefact), rows, tmp_path)


def test_a_crash_inside_the_engine_shows_its_last_words(tmp_path):
    from edgebert.tasks.encoder import Tokens

    TokenFile.write(tmp_path / "beyond", [Tokens((2, 99_999, 3), (0, 0, 0))], pad_id=0)
    file = ModelFile(tmp_path, toy_files.write_onnx(tmp_path))
    with pytest.raises(RuntimeFailure, match=r"(?s)ort .*model-fp32.onnx.*ended with code 1.*out of data bounds"):
        run(file, tmp_path / "beyond", tmp_path)
    assert not (tmp_path / "out.npy").exists()


def test_an_output_of_another_shape_than_promised_is_refused():
    class Liar:
        inputs, outputs = (), (TensorSpec("logits", "float32", ("batch", 2)),)

        def run(self, feeds):
            return np.zeros((8, 2), np.float32)

    with pytest.raises(RuntimeFailure, match=r"shape \(8, 2\)"):
        call(Liar(), {})
