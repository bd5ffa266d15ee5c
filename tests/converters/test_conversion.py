import subprocess
import sys

import numpy as np
import pytest
import torch
from tiny_classifiers import classifier, run_onnx, run_tflite, spec_for, tokens

from converters import ConversionError, Deployment, convert, hugging_face, load_list, save_list
from converters.lint import inspect

FAMILIES = ["bert", "distilbert", "roberta", "electra", "mobilebert", "albert"]


def logits(model, feeds):
    with torch.no_grad():
        return model(**feeds).logits.numpy()


@pytest.mark.parametrize("family", FAMILIES)
def test_onnx_file_gives_the_models_logits_at_any_batch_and_length(family, files):
    folder, artefact, _ = files(family)
    model = classifier(family)
    for lengths, padded in (([16, 9, 3], 16), ([7], 7), ([20, 4], 24)):
        feeds = tokens(model, lengths, padded)
        found = run_onnx(folder / artefact.path, feeds)
        np.testing.assert_allclose(found, logits(model, feeds), atol=1e-5, rtol=0)


@pytest.mark.parametrize("family", FAMILIES)
def test_tflite_file_gives_the_models_logits(family, files):
    folder, _, artefact = files(family)
    model = classifier(family)
    feeds = tokens(model, [16, 9, 3], 16)
    found = run_tflite(folder / artefact.path, feeds)
    np.testing.assert_allclose(found, logits(model, feeds), atol=1e-5, rtol=0)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_sentence_padded_to_any_length_gives_the_same_logits(family, files):
    folder, onnx, tflite = files(family)
    row = tokens(classifier(family), [6], 24)
    alone = run_onnx(folder / onnx.path, {name: value[:, :6] for name, value in row.items()})
    for length in (7, 12, 24):
        found = run_onnx(folder / onnx.path, {name: value[:, :length] for name, value in row.items()})
        np.testing.assert_allclose(found, alone, atol=1e-5, rtol=0)
    found = run_tflite(folder / tflite.path, {name: value[:, :16] for name, value in row.items()})
    np.testing.assert_allclose(found, alone, atol=1e-5, rtol=0)


@pytest.mark.parametrize("family", FAMILIES)
def test_artefacts_say_what_the_files_hold(family, files):
    folder, *artefacts = files(family)
    for artefact in artefacts:
        found = inspect(folder / artefact.path)
        assert [(t.name, t.dtype, t.shape) for t in found.inputs] == [
            (t.name, "int32", t.shape) for t in artefact.inputs
        ]
        assert [(t.name, t.dtype, t.shape) for t in found.outputs] == [("logits", "float32", artefact.output.shape)]
        assert (found.sha256, found.bytes, found.signature) == (artefact.sha256, artefact.bytes, artefact.signature)
        assert found.problems == []
    onnx, tflite = artefacts
    assert (onnx.inputs[0].shape, tflite.inputs[0].shape) == (("batch", "length"), (1, 16))


def test_list_of_artefacts_survives_the_disk(files, tmp_path):
    _, *artefacts = files("bert")
    save_list(artefacts, tmp_path)
    assert load_list(tmp_path) == artefacts


def test_files_that_are_there_are_left_as_they_are(files, tmp_path):
    model = classifier("bert")
    deployment = hugging_face.deploy(model, spec_for(model, "onnx"))
    [first] = convert(deployment, tmp_path, "x")
    before = (tmp_path / first.path).stat().st_mtime_ns
    assert convert(deployment, tmp_path, "x") == [first]
    assert (tmp_path / first.path).stat().st_mtime_ns == before


def test_probabilities_as_output_in_both_formats(tmp_path):
    model = classifier("distilbert")
    feeds = tokens(model, [8], 8)
    expected = torch.from_numpy(logits(model, feeds)).softmax(-1)
    [onnx] = convert(hugging_face.deploy(model, spec_for(model, "onnx", output="probabilities")), tmp_path, "p")
    [tflite] = convert(
        hugging_face.deploy(model, spec_for(model, "litert", (8,), output="probabilities")), tmp_path, "p"
    )
    assert onnx.output.name == tflite.output.name == "probabilities"
    np.testing.assert_allclose(run_onnx(tmp_path / onnx.path, feeds), expected, atol=1e-6, rtol=0)
    np.testing.assert_allclose(run_tflite(tmp_path / tflite.path, feeds, "probabilities"), expected, atol=1e-6, rtol=0)


def test_a_file_with_other_inputs_than_asked_for_is_not_kept(tmp_path):
    class Blind(torch.nn.Module):
        """Does not read its mask, which the exporter therefore drops."""

        def forward(self, input_ids, attention_mask):
            return input_ids[:, :3].float()

    spec = spec_for(classifier("distilbert"), "onnx")
    with pytest.raises(ConversionError, match="attention_mask"):
        convert(Deployment.of(Blind(), spec), tmp_path, "blind")
    assert list(tmp_path.iterdir()) == []


def test_importing_converters_loads_nothing_heavy():
    code = "import sys, converters; print([m for m in ('torch', 'onnx', 'litert_torch', 'numpy') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
