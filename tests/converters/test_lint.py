import json

import onnx
import pytest
from onnx import TensorProto, helper

from converters import ConversionError, Entry, TensorSpec
from converters.lint import check, inspect, onnx_file


def write(path, op="Identity", domain="", dtype=TensorProto.INT64):
    node = helper.make_node(op, ["a"], ["b"], domain=domain)
    ports = [helper.make_tensor_value_info(name, dtype, ["n", None]) for name in ("a", "b")]
    graph = helper.make_graph([node], "g", ports[:1], ports[1:])
    opsets = [helper.make_opsetid("", 17)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return path


def test_counts_operators_and_weights(files):
    folder, onnx_file, tflite = files("bert")
    found = inspect(folder / tflite.path)
    assert found.operators["FULLY_CONNECTED"] == 6 * 2 + 2 + 1  # of the token types, too
    assert found.operators["GELU"] == 2
    assert found.weights["float32"] > 97 * 30 * 4
    assert inspect(folder / onnx_file.path).operators["Softmax"] == 2
    assert json.loads(json.dumps(found.to_dict()))["findings"] == []


def test_names_what_a_phone_trips_over(tmp_path):
    found = inspect(write(tmp_path / "x.onnx", op="FusedGelu", domain="com.example"))
    foreign, wide = found.findings
    assert foreign.operators == ("com.example:FusedGelu",) and foreign.count == 1
    assert wide.count == 2 and foreign.refused and wide.refused
    assert found.problems == [foreign.what, wide.what]


def test_check_compares_with_what_was_asked_for(tmp_path):
    path = write(tmp_path / "x.onnx", dtype=TensorProto.FLOAT)
    shape = ("n", -1)

    def taking(dtype):
        return [Entry(signature=None, length=None, inputs=(TensorSpec("a", dtype, shape),))]

    check(path, taking("float32"), TensorSpec("b", "float32", shape))
    with pytest.raises(ConversionError, match=r"x\.onnx came out .* asked for"):
        check(path, taking("int32"), TensorSpec("b", "float32", shape))
    write(path)
    with pytest.raises(ConversionError, match=r"x\.onnx: .*64-bit"):
        check(path, taking("int64"), TensorSpec("b", "int64", shape))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a model at all", b"\x1c\x00\x00\x00TFL3"])
def test_a_file_of_another_kind_or_cut_short_is_refused(tmp_path, content):
    path = tmp_path / "x.tflite"
    path.write_bytes(content)
    with pytest.raises(ConversionError, match=r"x\.tflite"):
        inspect(path)


def test_a_truncated_tflite_is_refused(files, tmp_path):
    folder, _, tflite = files("bert")
    path = tmp_path / "half.tflite"
    path.write_bytes((folder / tflite.path).read_bytes()[:2000])
    with pytest.raises(ConversionError, match="half"):
        inspect(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConversionError, match="nowhere"):
        inspect(tmp_path / "nowhere.onnx")


def test_a_constant_whose_shape_is_declared_keeps_its_numbers(tmp_path):
    """ONNX Runtime's quantiser declares shapes of constants too."""
    axes = helper.make_tensor("axes", TensorProto.INT64, [1], [0])
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in
             (("x", [3]), ("y", [1, 3]))]  # fmt: skip
    declared = helper.make_tensor_value_info("axes", TensorProto.INT64, [1])
    node = helper.make_node("Unsqueeze", ["x", "axes"], ["y"])
    graph = helper.make_graph([node], "g", ports[:1], ports[1:], [axes], value_info=[declared])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(made, tmp_path / "declared.onnx")
    (read,) = onnx_file.read(tmp_path / "declared.onnx").graphs
    assert read.values["axes"].numbers.tolist() == [0]
