import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from transformers import BertConfig, BertForSequenceClassification

from converters import GraphSpec, convert, hugging_face
from converters.lint import inspect
from edgebert import quantize
from edgebert.errors import UserError
from edgebert.quantize.schemes import int8

VOCABULARY, WIDTH, LENGTH = 400, 64, 16


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=VOCABULARY, hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=2, intermediate_size=128,
        max_position_embeddings=LENGTH, num_labels=2,
    )  # fmt: skip
    found = BertForSequenceClassification(config).eval()
    for parameter in found.parameters():
        torch.nn.init.normal_(parameter, 0.5 if parameter.dim() == 1 else 0.0, 0.15)
    return found


@pytest.fixture(scope="module")
def made(model, tmp_path_factory):
    """format -> (float folder, float artefact, int8 folder, int8 artefact)."""
    source, target = tmp_path_factory.mktemp("converted"), tmp_path_factory.mktemp("quantized")
    found = {}
    for system, lengths in (("onnx", ()), ("litert", (LENGTH,))):
        spec = GraphSpec(target=system, lengths=lengths, inputs=hugging_face.input_names(model), num_labels=2)
        [artefact] = convert(hugging_face.deploy(model, spec), source, "tiny")
        found[artefact.format] = (source, artefact, target, quantize.apply("int8", artefact, source, target))
    return found


@pytest.fixture(scope="module")
def rows():
    """Fifty rows of tokens, half of them padded."""
    random = np.random.default_rng(0)
    ids = random.integers(5, VOCABULARY, (50, LENGTH), dtype=np.int32)
    mask = np.ones_like(ids)
    mask[25:, 9:] = 0
    return {"input_ids": ids * mask, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}


def run(path, feeds):
    one = [{name: value[i : i + 1] for name, value in feeds.items()} for i in range(len(feeds["input_ids"]))]
    if path.suffix == ".onnx":
        import onnxruntime

        session = onnxruntime.InferenceSession(path)
        return np.concatenate([session.run(["logits"], row)[0] for row in one])
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(str(path)).get_signature_runner("classify")
    return np.concatenate([runner(**row)["logits"] for row in one])


@pytest.mark.parametrize("kind", ["onnx", "tflite"])
def test_answers_nearly_as_the_model_does(kind, model, made, rows):
    _, _, folder, artefact = made[kind]
    found = run(folder / artefact.path, rows)
    with torch.no_grad():
        expected = model(**{name: torch.from_numpy(value) for name, value in rows.items()}).logits.numpy()
    margin, wanted = found[:, 1] - found[:, 0], expected[:, 1] - expected[:, 0]
    assert np.abs(found - expected).max() < 0.25 * expected.std()
    assert np.corrcoef(margin, wanted)[0, 1] > 0.97
    assert np.abs(found - expected).max() > 1e-6  # it is not the float file


@pytest.mark.parametrize("kind", ["onnx", "tflite"])
def test_weights_and_embeddings_are_int8(kind, made):
    _, _, folder, artefact = made[kind]
    weights = inspect(folder / artefact.path).weights
    products = 2 * (4 * WIDTH * WIDTH + 2 * WIDTH * 128)
    small = weights["int8"] + weights.get("uint8", 0)
    assert small >= VOCABULARY * WIDTH + products
    assert weights["float32"] < 0.5 * small


@pytest.mark.parametrize("kind", ["onnx", "tflite"])
def test_the_file_is_used_like_the_float_one(kind, made):
    _, before, folder, after = made[kind]
    assert (after.scheme, after.path) == ("int8", before.path.replace("fp32", "int8"))
    assert (after.inputs, after.output, after.length, after.driver) == (
        before.inputs, before.output, before.length, before.driver,
    )  # fmt: skip
    assert after.bytes == (folder / after.path).stat().st_size


def test_a_file_that_is_there_is_left_as_it_is(made):
    source, before, folder, after = made["onnx"]
    time = (folder / after.path).stat().st_mtime_ns
    assert quantize.apply("int8", before, source, folder) == after
    assert (folder / after.path).stat().st_mtime_ns == time


def test_seven_bits_where_eight_would_overflow(made, tmp_path, monkeypatch):
    source, artefact, *_ = made["onnx"]
    monkeypatch.setattr(int8, "has_exact_int8", lambda: False)
    after = quantize.apply("int8", artefact, source, tmp_path)
    assert "reduce_range=true" in inspect(tmp_path / after.path).metadata
    products = [
        numpy_helper.to_array(t) for t in onnx.load(tmp_path / after.path).graph.initializer if t.data_type == 3
    ]
    assert max(np.abs(weight.astype(int)).max() for weight in products if weight.shape == (WIDTH, WIDTH)) <= 64


def test_unknown_scheme_suggests_the_nearest(made, tmp_path):
    source, artefact, *_ = made["onnx"]
    with pytest.raises(UserError, match="int8"):
        quantize.apply("int9", artefact, source, tmp_path)
    assert quantize.names() == ["int8"]
