"""Every reduction by itself and all of them together, in files and real engines: the logits stay."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from tiny_classifiers import classifier, run_onnx, run_tflite, spec_for, tokens

from converters import Deployment, convert, cutting
from converters.encoder_weights import read
from converters.lean_bert import LeanBert
from converters.lint import inspect, onnx_shapes
from converters.reductions import ALL, Reductions

NAMES = [field.name for field in fields(Reductions)]
CASES = {name: replace(ALL, **{name: False}) for name in NAMES} | {
    "every": ALL, "none": Reductions(**dict.fromkeys(NAMES, False)),
}  # fmt: skip


CACHE = 30 * 30 * 3
"""Bytes: of the tiny model's products all are cut in float, and queries, keys and values are still joined in 8 bits."""


@pytest.fixture
def small_cache(monkeypatch):
    monkeypatch.setattr(cutting, "CACHE", CACHE)


def both(model, reductions, folder, target, lengths=()):
    """The file, and the one that quantisers read."""
    spec = spec_for(model, target, lengths, layout="signatures" if len(lengths) > 1 else "files")
    (artefact,) = convert(Deployment.of(LeanBert(read(model), reductions=reductions), spec), folder, "x")
    return [folder / path for path in (artefact.path, artefact.to_quantize) if path]


def written(*of):
    return both(*of)[0]


@pytest.mark.parametrize("left_out", CASES)
def test_the_logits_stay_with_and_without_each(left_out, tmp_path, small_cache):
    model = classifier("bert")
    feeds = tokens(model, [16, 9, 3, 1], 16)
    with torch.no_grad():
        expected = model(**feeds).logits
        double = model.double()(**feeds).logits
        model.float()
    allowed = max(1e-4, 4 * float((expected - double).abs().max()))
    for run, target, lengths in ((run_onnx, "onnx", ()), (run_tflite, "litert", (16,))):
        for path in both(model, CASES[left_out], tmp_path, target, lengths):
            assert np.abs(run(path, feeds) - expected.numpy()).max() < allowed / 5


def test_each_makes_another_file_of_one_format_at_least(tmp_path, small_cache):
    model, files = classifier("bert"), {}
    for name in (*NAMES, "every"):
        (tmp_path / name).mkdir()
        made = [both(model, CASES[name], tmp_path / name, *to) for to in (("onnx", ()), ("litert", (16,)))]
        files[name] = tuple(path.read_bytes() for paths in made for path in paths)
    assert len(set(files.values())) == len(files)


@pytest.mark.parametrize("family", ["bert-relu", "distilbert", "roberta", "electra"])
def test_other_families_in_tflite_at_every_length(family, tmp_path):
    model = classifier(family)
    for length in (1, 2, 24):
        feeds = tokens(model, [length, (length + 1) // 2], length)
        with torch.no_grad():
            expected = model(**feeds).logits.numpy()
        (tmp_path / str(length)).mkdir()
        found = run_tflite(written(model, ALL, tmp_path / str(length), "litert", (length,)), feeds)
        np.testing.assert_allclose(found, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", ["gelu_new", "silu", "relu", "tanh"])
def test_activations_are_those_of_the_module(name, tmp_path):
    weights = replace(read(classifier("bert")), activation=name)
    lean, feeds = LeanBert(weights), tokens(classifier("bert"), [16, 9], 16)
    (artefact,) = convert(Deployment.of(lean, spec_for(classifier("bert"), "litert", (16,))), tmp_path, "x")
    with torch.no_grad():
        expected = lean(**feeds).numpy()
    np.testing.assert_allclose(run_tflite(tmp_path / artefact.path, feeds), expected, atol=1e-5, rtol=0)


def test_token_types_left_out_are_of_type_0(tmp_path):
    model = classifier("bert")
    feeds = tokens(model, [16, 9], 16)
    feeds["token_type_ids"] = torch.zeros_like(feeds["token_type_ids"])
    with torch.no_grad():
        expected = model(**feeds).logits.numpy()
    del feeds["token_type_ids"]
    for run, target, lengths in ((run_onnx, "onnx", ()), (run_tflite, "litert", (16,))):
        spec = replace(spec_for(model, target, lengths), inputs=("input_ids", "attention_mask"))
        (artefact,) = convert(Deployment.of(LeanBert(read(model)), spec), tmp_path, "x")
        np.testing.assert_allclose(run(tmp_path / artefact.path, feeds), expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("padding", ["behind", "before", "between", "all of one row", "everywhere"])
def test_padding_is_cut_off_only_behind_every_text(padding, tmp_path):
    model = classifier("bert")
    feeds = tokens(model, [16, 16], 16)
    mask = feeds["attention_mask"]
    places = {"behind": np.s_[:, 9:], "before": np.s_[:, :5], "between": np.s_[:, 3:8], "all of one row": np.s_[1]}
    mask[places.get(padding, np.s_[:])] = 0
    whole, cut = (LeanBert(read(model), reductions=replace(ALL, padding=on)) for on in (False, True))
    (tmp_path / "x").mkdir()
    found = run_onnx(written(model, ALL, tmp_path / "x", "onnx"), feeds)
    # Beside -1e4, scores of a text without tokens are coarse.
    allowed = 1e-5 if mask.any(1).all() else 1e-4
    for lean in (whole, cut):
        np.testing.assert_allclose(found, lean(**feeds).numpy(), atol=allowed, rtol=0)


@pytest.mark.parametrize("family", ["bert", "electra"])
def test_onnx_runtime_transposes_what_the_heads_read_within_its_products(family, tmp_path):
    from edgebert.runtimes.engines import ort

    path = written(classifier(family), ALL, tmp_path, "onnx")
    (graph,) = onnx_shapes.at(ort.optimised(path, tmp_path), 2, 9).graphs
    kinds = [operator.kind for operator in graph.operators]
    # Of the inputs, and of what the heads of the first layer have read.
    assert kinds.count("Transpose") == 2 + 1
    shapes = [graph.values[op.outputs[0]].shape for op in graph.operators if op.kind == "com.microsoft:FusedMatMul"]
    assert shapes[:2] == [(2, 3, 9, 9), (2, 3, 9, 10)]


def test_signatures_of_several_lengths_share_every_weight(tmp_path):
    model = classifier("bert")
    one, three = (inspect(written(model, ALL, tmp_path, "litert", lengths)) for lengths in ((24,), (8, 16, 24)))
    positions = (8 + 16) * 30 * 4
    # Shapes of tensors and the like are a hundred bytes here and there.
    assert three.weights["float32"] - one.weights["float32"] < positions + 200


def test_the_last_layer_multiplies_no_keys_or_values_of_all_tokens(tmp_path):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(written(classifier("bert"), ALL, tmp_path, "litert", (16,))))
    shapes = {t["index"]: tuple(t["shape"]) for t in interpreter.get_tensor_details()}
    rows = [shapes[op["outputs"][0]][0] for op in interpreter._get_ops_details() if op["op_name"] == "FULLY_CONNECTED"]
    # Types; six of the first layer; of the last: query, keys' and values' for each of 3 heads, output, FFN; the head.
    assert rows == [16] * 7 + [1, 3, 3, 1, 1, 1] + [1, 1]


def products(path):
    """Shapes of what the file's linear layers give, in order."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path))
    shapes = {t["index"]: tuple(t["shape"]) for t in interpreter.get_tensor_details()}
    return [shapes[op["outputs"][0]] for op in interpreter._get_ops_details() if op["op_name"] == "FULLY_CONNECTED"]


def test_products_beyond_the_cache_are_cut_in_float_and_joined_for_8_bits(tmp_path, small_cache):
    model = classifier("bert")
    width, heads, ffn = (
        getattr(model.config, f"{of}") for of in ("hidden_size", "num_attention_heads", "intermediate_size")
    )
    in_float, to_8_bits = map(products, both(model, ALL, tmp_path, "litert", (16,)))
    cuts = cutting.parts(ffn, width * 4)  # attention falls into its three heads
    of_a_head, of_units = [(16, width // heads)] * 3 + [(16, width)], [(16, ffn // cuts), (16, width)]
    types = [(16, width)]
    assert cuts > 1
    assert in_float[: 1 + 4 * heads + 2 * cuts] == types + of_a_head * heads + of_units * cuts
    assert to_8_bits[:5] == [*types, (16, 3 * width), (16, width), (16, ffn), (16, width)]


@pytest.mark.parametrize(
    ("units", "bytes_each", "expected"),
    [
        (1200, 312 * 4, 2),
        (3072, 768 * 4, 12),
        (768, 1024 * 4, 3),
        (12, 64 * 768 * 4, 3),
        (12, 26 * 312 * 4, 1),
        (7, 2**20, 7),
    ],
)
def test_the_fewest_equal_parts_that_a_cache_holds(units, bytes_each, expected):
    assert cutting.parts(units, bytes_each) == expected
