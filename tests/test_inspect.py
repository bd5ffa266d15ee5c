import json

import pytest
from tiny import call
from toy_files import write_onnx

from edgebert.files import sha256


def test_an_onnx_file_is_laid_open(tmp_path, capsys):
    path = tmp_path / write_onnx(tmp_path).path
    assert call("inspect", path) == 0
    shown = capsys.readouterr().out
    assert f"{path}: onnx, {path.stat().st_size:,} bytes" in shown
    assert f"sha256 {sha256(path)}" in shown
    for name in ("input_ids", "attention_mask", "token_type_ids"):
        assert any(name in line and "int32" in line and "batch x length" in line for line in shown.splitlines())
    assert any("logits" in line and "output" in line and "float32" in line for line in shown.splitlines())
    counts = [line.split("│") for line in shown.splitlines() if "│" in line]
    assert {row[0].strip(): row[-1].strip() for row in counts}["Gather"] == "2"
    assert "findings: none" in shown


def test_what_a_phone_stumbles_over_is_told(tmp_path, capsys):
    import onnx
    from onnx import TensorProto, helper

    node = helper.make_node("Fancy", ["ids"], ["logits"], domain="com.example")
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, [1, 8])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 2])
    graph = helper.make_graph([node], "g", [ids], [logits])
    domains = [helper.make_opsetid("", 17), helper.make_opsetid("com.example", 1)]
    model = helper.make_model(graph, opset_imports=domains, ir_version=8)
    helper.set_model_props(model, {"author": "somebody"})
    onnx.save(model, tmp_path / "odd.onnx")
    assert call("inspect", tmp_path / "odd.onnx", "--json", tmp_path / "odd.json") == 0
    shown = capsys.readouterr()
    assert "metadata: author=somebody" in shown.out
    assert "not built into the runtime: com.example:Fancy" in shown.err
    assert "64-bit integers" in shown.err
    written = json.loads((tmp_path / "odd.json").read_text())
    assert [finding["rule"] for finding in written["findings"]] == ["foreign_operators", "int64_tensors"]


@pytest.mark.slow
def test_a_tflite_file_is_laid_open(tmp_path, capsys, teacher_folder):
    from converters import GraphSpec, convert
    from edgebert.models.load import load

    model = load(teacher_folder)
    spec = GraphSpec(target="litert", lengths=(8,), inputs=model.graph_inputs, num_labels=2)
    made = convert(model.deploy(spec), tmp_path, "tiny")[0]
    capsys.readouterr()
    assert call("inspect", tmp_path / made.path) == 0
    shown = capsys.readouterr().out
    assert "tflite, signature classify" in shown
    assert any("input_ids" in line and "int32" in line and "1 x 8" in line for line in shown.splitlines())
    assert "FULLY_CONNECTED" in shown
    assert "in 1 partition; outside: " in shown and "findings: none" in shown
