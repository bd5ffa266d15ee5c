"""Shapes of an ONNX graph at given sizes."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from converters.lint import onnx_shapes


@pytest.fixture
def path(tmp_path):
    """x [batch, length] turned into [batch, 1, length]: by a constant that the file also lists as a tensor in between,
    as ONNX Runtime's quantiser does."""
    nodes = [helper.make_node("Unsqueeze", ["x", "axes"], ["y"])]
    axes = numpy_helper.from_array(np.array([1], np.int64), "axes")
    graph = helper.make_graph(
        nodes, "graph",
        [helper.make_tensor_value_info("x", TensorProto.INT32, ["batch", "length"])],
        [helper.make_tensor_value_info("y", TensorProto.INT32, ["batch", 1, "length"])],
        [axes], value_info=[helper.make_tensor_value_info("axes", TensorProto.INT64, [1])],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, tmp_path / "model.onnx")
    return tmp_path / "model.onnx"


def test_constants_that_are_listed_among_the_tensors_keep_their_numbers(path):
    (graph,) = onnx_shapes.at(path, 1, 24).graphs
    assert graph.values["y"].shape == (1, 1, 24)
