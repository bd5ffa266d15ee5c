"""A file of several signatures holds its weights once, in every precision, and answers as files of one length do."""

from collections import defaultdict

import numpy as np
import pytest
from small_files import LENGTHS, answers, bert, calibration, feeds, tokens

from converters import GraphSpec, convert, hugging_face, save_list
from edgebert import quantize
from edgebert.recipes.options import QuantizeOptions

ALL = ("fp16", "int8", "int8-static", "int8-tensor", "int8-weights")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """layout -> scheme -> paths: of one file, or of a file a length."""
    folder, model, found = tmp_path_factory.mktemp("layouts"), bert(), {}
    for layout in ("signatures", "files"):
        spec = GraphSpec(
            target="litert", lengths=LENGTHS, layout=layout, inputs=hugging_face.input_names(model), num_labels=2
        )
        files = convert(hugging_face.deploy(model, spec), folder / layout, "tiny")
        save_list(files, folder / layout)
        small = quantize.quantize(
            folder / layout, QuantizeOptions(schemes=ALL), folder / f"{layout}-small", calibration
        )
        found[layout] = defaultdict(list)
        for file in files:
            found[layout]["fp32"].append(folder / layout / file.path)
        for file in small:
            found[layout][file.scheme].append(folder / f"{layout}-small" / file.path)
    return found


@pytest.mark.parametrize("scheme", ["fp32", *ALL])
def test_no_weights_are_stored_twice(made, scheme):
    from ai_edge_litert import schema_py_generated as schema

    [path] = made["signatures"][scheme]
    model = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    assert all(buffer.offset <= 1 for buffer in model.buffers), "nothing lies outside the flatbuffer"
    stored = defaultdict(set)
    for tensor in (tensor for graph in model.subgraphs for tensor in graph.tensors):
        data = model.buffers[tensor.buffer].data
        if data is not None and data.size > 500:
            scale = tensor.quantization.scale if tensor.quantization else None
            scales = b"" if scale is None else scale.tobytes()
            stored[data.tobytes(), tensor.type, tuple(tensor.shape), scales].add(tensor.buffer)
    assert len(stored) > 5 and {len(places) for places in stored.values()} == {1}


def test_fixed_scales_are_the_same_at_every_length(made):
    """So biases are, which XNNPACK packs with the weights: once for all signatures."""
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(made["signatures"]["int8-static"][0].read_bytes(), 0)
    kind = schema.BuiltinOperator.FULLY_CONNECTED
    dense = [place for place, code in enumerate(model.operatorCodes) if code.builtinCode == kind]
    scales = [
        [graph.tensors[place].quantization.scale for operator in graph.operators if operator.opcodeIndex in dense
         for place in (operator.inputs[0], operator.outputs[0]) if graph.tensors[place].quantization is not None]
        for graph in model.subgraphs
    ]  # fmt: skip
    assert len(scales) == len(LENGTHS) and sum(scale is not None for scale in scales[0]) > 10
    assert all(np.array_equal(one, other) for one, other in zip(*scales, strict=True))


@pytest.mark.parametrize("scheme", ["fp32", *ALL])
def test_signatures_answer_as_files_of_their_own(made, scheme):
    from ai_edge_litert.interpreter import Interpreter

    [path] = made["signatures"][scheme]
    interpreter, rows = Interpreter(str(path)), tokens()
    for length, alone in zip(LENGTHS, made["files"][scheme], strict=True):
        runner = interpreter.get_signature_runner(f"classify_{length}")
        found = np.concatenate([runner(**feeds(row, length))["logits"] for row in rows])
        assert np.array_equal(found, answers(alone, rows, length)) or scheme == "int8-static"
        assert np.abs(found - answers(alone, rows, length)).max() < 0.2
