"""What `inspect` finds in small files made to have it, and that its XNNPACK is the runtime's own."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from converters.lint import inspect, shipped

WIDTH = 64


@pytest.fixture(scope="module")
def weights():
    return np.random.default_rng(0).normal(0, 0.1, (WIDTH, WIDTH)).astype(np.float32)


def write_tflite(path, build):
    """A file of one function, x [4, WIDTH] to what ``build(graph, x)`` gives."""
    tflite_graph = pytest.importorskip("converters.tflite_graph")
    file = tflite_graph.TfliteFile()
    graph = file.graph()
    x = graph.tensor((4, WIDTH))
    file.sign(graph, "f", {"x": x}, {"y": build(graph, x)})
    path.write_bytes(file.content())
    return path


def dense(graph, x, weights):
    inputs = [x, graph.constant(weights), graph.constant(np.zeros(WIDTH, np.float32))]
    return graph.op("FULLY_CONNECTED", inputs, (4, WIDTH))


def gelu(graph, x):
    return graph.op("GELU", [x], (4, WIDTH), approximate=False)


def power(graph, x):
    """Not for XNNPACK."""
    return graph.op("POW", [x, graph.constant(np.float32(2))], (4, WIDTH))


def pieces_in_the_runtime(path):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path))
    interpreter.allocate_tensors()
    return sum(operator["op_name"] == "DELEGATE" for operator in interpreter._get_ops_details())


def in_turn(graph, x):
    return gelu(graph, power(graph, gelu(graph, power(graph, gelu(graph, x)))))


def side_by_side(graph, x):
    """Two branches with one foreign operator each, which can run one after the other: two pieces, not three."""
    left, right = (gelu(graph, power(graph, gelu(graph, x))) for _ in range(2))
    return graph.op("ADD", [left, right], (4, WIDTH))


@pytest.mark.parametrize(("build", "pieces", "outside"), [(in_turn, 3, 2), (side_by_side, 2, 2), (gelu, 1, 0)])
def test_pieces_are_those_of_the_runtime(build, pieces, outside, tmp_path):
    path = write_tflite(tmp_path / "x.tflite", build)
    found = inspect(path)
    assert found.delegation[0].partitions == pieces == pieces_in_the_runtime(path)
    assert sum(found.delegation[0].outside.values()) == outside
    crossings = [finding for finding in found.findings if finding.rule == "delegate_crossings"]
    assert [finding.count for finding in crossings] == ([pieces] if pieces > 1 else [])
    assert all("POW x 2" in finding.what and finding.operators == ("POW",) for finding in crossings)


def test_a_models_own_file_is_one_piece(files):
    folder, _, tflite = files("bert")
    found = inspect(folder / tflite.path)
    assert found.delegation[0].partitions == 1 == pieces_in_the_runtime(folder / tflite.path)
    assert "EMBEDDING_LOOKUP" in found.delegation[0].outside
    assert not found.findings


def test_everything_in_8_bits_falls_apart_as_in_the_runtime(files, tmp_path):
    quantizer = pytest.importorskip("ai_edge_quantizer.quantizer")
    from ai_edge_quantizer.qtyping import TFLOperationName

    folder, _, tflite = files("bert")
    random = np.random.default_rng(0)
    shape = (1, tflite.length)
    rows = [
        {"input_ids": random.integers(5, 97, shape, np.int32), "attention_mask": np.ones(shape, np.int32),
         "token_type_ids": np.zeros(shape, np.int32)} for _ in range(4)
    ]  # fmt: skip
    work = quantizer.Quantizer(str(folder / tflite.path))
    work.add_static_config(".*", TFLOperationName.ALL_SUPPORTED, activation_num_bits=8, weight_num_bits=8)
    work.update_quantization_recipe(
        ".*", TFLOperationName.EMBEDDING_LOOKUP, algorithm_key=quantizer.AlgorithmName.NO_QUANTIZE
    )
    path = tmp_path / "static.tflite"
    path.write_bytes(work.quantize(work.calibrate({"classify": rows})).quantized_model)
    found = inspect(path)
    assert found.delegation[0].partitions == pieces_in_the_runtime(path) > 4
    assert {"GELU", "SOFTMAX"} <= found.delegation[0].outside.keys()


@pytest.mark.parametrize("left_in_float", [False, True])
def test_products_that_quantise_one_tensor_each_for_itself(left_in_float, weights, tmp_path):
    quantizer = pytest.importorskip("ai_edge_quantizer.quantizer")
    from ai_edge_quantizer.qtyping import TFLOperationName

    def three(graph, x):
        sums = graph.op("ADD", [dense(graph, x, weights), dense(graph, x, 2 * weights)], (4, WIDTH))
        return dense(graph, sums, weights + 1)

    source = write_tflite(tmp_path / "float.tflite", three)
    work = quantizer.Quantizer(str(source))
    work.add_dynamic_config(".*", TFLOperationName.FULLY_CONNECTED, num_bits=8)
    if left_in_float:
        no = quantizer.AlgorithmName.NO_QUANTIZE
        work.update_quantization_recipe("f_y", TFLOperationName.FULLY_CONNECTED, algorithm_key=no)
    path = tmp_path / "int8.tflite"
    path.write_bytes(work.quantize().quantized_model)
    found = {finding.rule: finding for finding in inspect(path).findings}
    assert found["repeated_quantisation"].count == 1
    assert found["repeated_quantisation"].operators == ("FULLY_CONNECTED",)
    assert ("float_weights" in found) == left_in_float
    assert not inspect(source).findings


def write_onnx(path, nodes, opset=17, ir=8, dtype=TensorProto.FLOAT, **constants):
    """x [4, WIDTH] to y."""
    ports = [helper.make_tensor_value_info(name, dtype, [4, WIDTH]) for name in "xy"]
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "g", ports[:1], ports[1:], tensors)
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=ir), path)
    return {finding.rule: finding for finding in inspect(path).findings}


def test_onnx_quantises_a_tensor_twice(weights, tmp_path):
    def product(number):
        outputs = [f"{name}{number}" for name in ("q", "s", "z")]
        return [
            helper.make_node("DynamicQuantizeLinear", ["x"], outputs),
            helper.make_node("MatMulInteger", [outputs[0], "w", outputs[2]], [f"i{number}"]),
            helper.make_node("Cast", [f"i{number}"], [f"f{number}"], to=TensorProto.FLOAT),
        ]

    nodes = [*product(1), *product(2), helper.make_node("Add", ["f1", "f2"], ["y"])]
    found = write_onnx(tmp_path / "x.onnx", nodes, w=weights.astype(np.int8))
    assert found["repeated_quantisation"].count == 1 and not found["repeated_quantisation"].refused


def test_transposes_that_cancel_and_constants_left_to_fold(weights, tmp_path):
    nodes = [
        helper.make_node("Transpose", ["x"], ["t"], perm=[1, 0]),
        helper.make_node("Transpose", ["t"], ["u"], perm=[1, 0]),
        helper.make_node("Add", ["w", "w"], ["v"]),
        helper.make_node("Neg", ["v"], ["n"]),
        helper.make_node("MatMul", ["u", "n"], ["y"]),
    ]
    found = write_onnx(tmp_path / "x.onnx", nodes, w=weights)
    assert found["cancelling_transposes"].count == 1
    assert found["constant_operators"].count == 2 and found["constant_operators"].operators == ("Add", "Neg")

    def turned(graph, x):
        order = graph.constant(np.array([1, 0], np.int32))
        return gelu(graph, graph.op("TRANSPOSE", [graph.op("TRANSPOSE", [x, order], (WIDTH, 4)), order], (4, WIDTH)))

    found = inspect(write_tflite(tmp_path / "x.tflite", turned)).findings
    assert [(finding.rule, finding.count) for finding in found] == [("cancelling_transposes", 1)]


def test_half_weights_turned_back_are_no_leftover(weights, tmp_path):
    nodes = [
        helper.make_node("Cast", ["w"], ["v"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["x", "v"], ["y"]),
    ]
    assert not write_onnx(tmp_path / "x.onnx", nodes, w=weights.astype(np.float16))


@pytest.mark.parametrize(("nodes", "more", "words"), [
    ([helper.make_node("Relu", ["x"], ["y"])], {"opset": 23}, "Relu version 23"),
    ([helper.make_node("Gelu", ["x"], ["y"])], {"opset": 20}, None),
    ([helper.make_node("DeformConv", ["x", "x", "x"], ["y"])], {"opset": 19}, "DeformConv"),
    ([helper.make_node("CenterCropPad", ["x", "w"], ["y"])], {"opset": 18}, None),
    ([helper.make_node("Softmax", ["x"], ["y"])], {}, None),
    ([helper.make_node("Cast", ["x"], ["i"], to=TensorProto.INT16), helper.make_node("Add", ["i", "i"], ["y"])],
     {"dtype": TensorProto.INT16, "opset": 13}, "Add of int16, int16"),
    ([helper.make_node("Cast", ["x"], ["i"], to=TensorProto.INT16), helper.make_node("Add", ["i", "i"], ["y"])],
     {"dtype": TensorProto.INT16}, None),
    ([helper.make_node("MatMulNBits", ["x", "w"], ["y"], domain="com.microsoft")], {},
     "com.microsoft:MatMulNBits of int64"),
], ids=["opset", "newest", "operator", "function", "float", "integers", "integers, newer", "Microsoft"])  # fmt: skip
def test_onnx_operators_that_the_phones_runtime_has_no_kernel_for(nodes, more, words, weights, tmp_path):
    found = write_onnx(tmp_path / "x.onnx", nodes, **more, w=weights.astype(np.int64)).get("unshipped_operators")
    assert (found is None) == (words is None)
    if found:
        assert found.refused and f"has no kernel for {words}." in found.what and "ONNX Runtime 1.22.0" in found.what


def test_a_newer_onnx_format_than_the_phones_runtime_opens(tmp_path):
    nodes = [helper.make_node("Softmax", ["x"], ["y"])]
    assert write_onnx(tmp_path / "x.onnx", nodes, ir=11)["too_new"].refused
    assert not write_onnx(tmp_path / "x.onnx", nodes, ir=10)


def test_tflite_operators_in_a_newer_version_than_the_phones_runtime_has(tmp_path):
    from ai_edge_litert import schema_py_generated as schema

    path = write_tflite(tmp_path / "x.tflite", gelu)
    model = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    assert not inspect(path).problems
    model.operatorCodes[0].version = 99
    builder = pytest.importorskip("flatbuffers").Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(builder.Output())
    assert inspect(path).problems == ["LiteRT 2.1.4, which Android apps take, has no kernel for GELU version 99."]


def test_what_is_shipped_is_of_the_versions_that_the_app_takes():
    gradle = (Path(__file__).parents[2] / "android_demo" / "app" / "build.gradle.kts").read_text()
    pinned = {"tflite": "com.google.ai.edge.litert:litert:", "onnx": "com.microsoft.onnxruntime:onnxruntime-android:"}
    for format, name in pinned.items():
        assert f'{name}{shipped.by(format).runtime.split()[-1]}"' in gradle
