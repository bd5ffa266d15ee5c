from types import SimpleNamespace

import numpy as np
import onnx
import pytest
import torch
from onnx import helper, numpy_helper
from onnxruntime import InferenceSession
from small_files import LENGTHS, VOCABULARY, WIDTH, answers, bert, calibration, mobilebert, tokens, write

from converters import load_list
from converters.errors import ConversionError
from converters.lint import inspect
from edgebert import quantize
from edgebert.errors import UserError
from edgebert.quantize.job import Job
from edgebert.recipes.options import QuantizeOptions

BOTH, ALL = ("onnx", "tflite"), ("fp16", "int4", "int8", "int8-static", "int8-tensor", "int8-weights")
CASES = [(scheme, format) for scheme in ALL for format in BOTH if format in quantize.scheme(scheme).FORMATS]
SIZE = {"fp16": (0.5, 0.65), "int4": (0.15, 0.45)}
"""Of the fp32 file, at least and at most; int8 below."""


@pytest.fixture(scope="module")
def made(source, tmp_path_factory):
    """(scheme, format) -> file of the longest length or any, and the folder."""
    folder = tmp_path_factory.mktemp("quantized")
    found = quantize.quantize(source, QuantizeOptions(schemes=ALL), folder, calibration)
    return folder, {(file.scheme, file.format): file for file in found}


def before(source, format):
    return [file for file in load_list(source) if file.format == format][-1]


@pytest.mark.parametrize(("scheme", "format"), CASES)
def test_answers_nearly_as_the_fp32_file_does(scheme, format, source, made):
    folder, files = made
    whole, file = before(source, format), files[scheme, format]
    rows = tokens()
    expected, found = (answers(path, rows, whole.length) for path in (source / whole.path, folder / file.path))
    margin, wanted = found[:, 1] - found[:, 0], expected[:, 1] - expected[:, 0]
    assert found.dtype == np.float32
    assert np.abs(found - expected).max() < {"fp16": 0.005, "int4": 0.8}.get(scheme, 0.3) * expected.std()
    assert np.corrcoef(margin, wanted)[0, 1] > {"int8-static": 0.93, "int4": 0.9}.get(scheme, 0.97)
    assert np.abs(found - expected).max() > 1e-6  # it is not the float file


@pytest.mark.parametrize(("scheme", "format"), CASES)
def test_the_file_is_smaller_and_used_like_the_fp32_one(scheme, format, source, made):
    folder, files = made
    whole, file = before(source, format), files[scheme, format]
    least, most = SIZE.get(scheme, (0.2, 0.5))
    assert least * whole.bytes < file.bytes < most * whole.bytes
    assert file.bytes == (folder / file.path).stat().st_size
    assert (file.scheme, file.path) == (scheme, whole.path.replace("fp32", scheme))
    assert (file.inputs, file.output, file.length, file.driver) == (
        whole.inputs, whole.output, whole.length, whole.driver,
    )  # fmt: skip
    assert file.quantization["weights"].startswith(scheme[:4])


@pytest.mark.parametrize(("scheme", "format"), CASES)
def test_products_and_word_embeddings_are_small(scheme, format, made):
    folder, files = made
    weights = inspect(folder / files[scheme, format].path).weights
    products = 2 * (4 * WIDTH * WIDTH + 2 * WIDTH * 128)
    small = weights.get("int8", 0) + weights.get("uint8", 0) + weights.get("float16", 0) // 2
    if scheme == "int4":  # ONNX packs two numbers of a product into a byte
        assert 2 * weights["int4"] >= VOCABULARY * WIDTH
        assert products <= small * (2 if format == "onnx" else 1) < 1.2 * products
        assert weights["float32"] < small + weights["int4"]  # in a model this small, scales and the head
    else:
        assert small >= VOCABULARY * WIDTH + products
        assert weights["float32"] < 0.5 * small


@pytest.mark.parametrize("format", BOTH)
@pytest.mark.parametrize("scheme", ["int8", "int8-static"])
def test_a_word_of_large_numbers_costs_the_others_nothing(scheme, format, tmp_path):
    model = bert()
    with torch.no_grad():
        model.bert.embeddings.word_embeddings.weight[3] *= 1000  # no row has this token
    whole = before(write(model, tmp_path), format)
    files = quantize.quantize(tmp_path, QuantizeOptions(schemes=(scheme,)), tmp_path / "small", calibration)
    path = tmp_path / "small" / [file.path for file in files if file.format == format][-1]
    expected, found = (answers(one, tokens(), whole.length) for one in (tmp_path / whole.path, path))
    assert np.abs(found - expected).max() < 0.1 * expected.std()


def test_a_token_of_large_hidden_units_costs_the_others_nothing(tmp_path):
    random = np.random.default_rng(0)
    nodes, weights = [], []
    for layer, (x, y) in enumerate((("x", "y"), ("y", "z"))):
        weights.append(numpy_helper.from_array(random.normal(size=(8, 8)).astype(np.float32), f"w{layer}"))
        nodes.append(helper.make_node("MatMul", [x, f"w{layer}"], [y], f"/layers.{layer}/down/MatMul"))
    ports = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n", 8]) for name in "xyz"]
    graph = helper.make_graph(nodes, "ffns", ports[:1], ports[1:], weights)
    whole, small = tmp_path / "whole.onnx", tmp_path / "small.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), whole)
    quantize.scheme("int8").quantize(
        Job(source=whole, target=small, artefact=SimpleNamespace(format="onnx"), seven_bits=False,
            in_float=frozenset(), outliers=set, ranges=lambda: None)
    )  # fmt: skip
    x = random.normal(size=(6, 8)).astype(np.float32)
    x[0] *= 1000
    x[1] = 0
    expected, found = (InferenceSession(path).run(["y"], {"x": x})[0] for path in (whole, small))
    assert (np.abs(found - expected).max(1) <= 0.03 * np.abs(expected).max(1)).all()


@pytest.mark.parametrize("scheme", ["fp16", "int4", "int8", "int8-static"])
@pytest.mark.parametrize("format", BOTH)
def test_mobilebert_quantises_by_the_same_rules(scheme, format, tmp_path_factory, mobile):
    folder = tmp_path_factory.mktemp("mobile")
    options = QuantizeOptions(schemes=(scheme,))
    file = [f for f in quantize.quantize(mobile, options, folder, calibration) if f.format == format][-1]
    whole, rows = before(mobile, format), tokens()
    expected, found = (answers(path, rows, whole.length) for path in (mobile / whole.path, folder / file.path))
    assert np.corrcoef(found[:, 1] - found[:, 0], expected[:, 1] - expected[:, 0])[0, 1] > 0.9
    assert file.bytes < 0.9 * whole.bytes


@pytest.fixture(scope="module")
def mobile(tmp_path_factory):
    return write(mobilebert(), tmp_path_factory.mktemp("mobilebert"))


def test_seven_bits_for_processors_that_saturate(source, tmp_path):
    for scheme in ("int8", "int8-static"):
        options = QuantizeOptions(schemes=(scheme,), isa="avx2")
        file = quantize.quantize(source, options, tmp_path / scheme, calibration)[0]
        assert file.quantization["reduce_range"] == "true"
        assert "reduce_range=true" in inspect(tmp_path / scheme / file.path).metadata
        values = [numpy_helper.to_array(t) for t in onnx.load(tmp_path / scheme / file.path).graph.initializer]
        products = [v for v in values if v.dtype == np.int8 and v.shape == (WIDTH, WIDTH)]
        assert products and max(np.abs(v.astype(int)).max() for v in products) <= 64


def test_the_file_does_not_depend_on_the_machine_that_makes_it(source, made, tmp_path, monkeypatch):
    monkeypatch.setattr(quantize, "saturates_here", lambda: True)
    _, files = made
    file = quantize.quantize(source, QuantizeOptions(schemes=("int8",)), tmp_path)[0]
    assert file.sha256 == files["int8", "onnx"].sha256


def test_a_machine_that_saturates_is_warned_about(source, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(quantize, "saturates_here", lambda: True)
    quantize.quantize(source, QuantizeOptions(schemes=("int8",)), tmp_path)
    assert "--isa avx2" in capsys.readouterr().err


def test_a_weight_beyond_fp16_is_refused(source, tmp_path):
    file = before(source, "onnx")
    spoilt = onnx.load(source / file.path)
    word = next(w for w in spoilt.graph.initializer if list(w.dims) == [VOCABULARY, WIDTH])
    values = numpy_helper.to_array(word).copy()
    values[7, 7] = 7e4
    word.CopyFrom(numpy_helper.from_array(values, word.name))
    onnx.save(spoilt, tmp_path / file.path)
    from converters import save_list

    save_list([file], tmp_path)
    with pytest.raises(ConversionError, match="fp16"):
        quantize.quantize(tmp_path, QuantizeOptions(schemes=("fp16",)), tmp_path / "out")


def test_4_bits_are_read_alike_with_and_without_xnnpack(source, made):
    folder, files = made
    whole, rows, path = before(source, "tflite"), tokens(), folder / files["int4", "tflite"].path
    expected = answers(source / whole.path, rows, whole.length)
    for delegate in (True, False):
        found = answers(path, rows, whole.length, delegate=delegate)
        assert np.corrcoef(found[:, 1] - found[:, 0], expected[:, 1] - expected[:, 0])[0, 1] > 0.9


def test_a_scheme_without_a_form_for_the_formats_is_refused(source, tmp_path):
    from converters import save_list

    save_list([before(source, "onnx")], tmp_path)
    with pytest.raises(UserError, match="int8-tensor has no form for onnx files, only for tflite"):
        quantize.quantize(tmp_path, QuantizeOptions(schemes=("int8-tensor",)), tmp_path / "out")


def test_unknown_scheme_suggests_the_nearest():
    with pytest.raises(UserError, match="int8-static"):
        QuantizeOptions(schemes=("int8-statik",))
    assert quantize.names() == sorted(ALL)


def test_two_lengths_fall_apart_alike(source):
    from edgebert.quantize.blocks import blocks

    short, long = (blocks(source / f"tiny-s{length}-fp32.tflite", "tflite") for length in LENGTHS)
    assert list(short) == list(long)
    assert {"word", "layer.0/attention", "layer.1/up", "layer.1/down"} <= set(long)
    assert long["word"].bytes == 4 * VOCABULARY * WIDTH
    assert {"word", "layers.0/attention", "layers.1/down"} <= set(blocks(source / "tiny-fp32.onnx", "onnx"))
