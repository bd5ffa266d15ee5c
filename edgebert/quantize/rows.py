"""Rows of activations made alike, where ONNX Runtime quantises all of them with one scale at run time.

W x = s W (x / s), with s = max |x| of a row. The hidden units of an FFN have outliers in a few tokens (Bondarenko et
al. 2021, "Understanding and Overcoming the Challenges of Efficient Transformer Quantization"): with one scale, the
other tokens' numbers are rounded to next to nothing beside them. What a normalisation wrote is alike already. LiteRT
has a scale for each row.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import onnx

READS_HIDDEN_UNITS = re.compile(r"/down/(Gemm|MatMul)$")
"""Names of the products that read an FFN's hidden units."""
LEAST = np.float32(1e-6)
"""In place of the scale of a row of zeros."""


def alike(model: onnx.ModelProto, left_out: Collection[str]) -> None:
    """Divide the rows that FFNs' second products read by their scales, and multiply what these give by them, in place.

    Not for the last FFN: it reads one row of a text.

    Args:
        model: of opset 17 or before, its products with weights named after their modules.
        left_out: names of products that are not quantised.
    """
    from onnx import helper, numpy_helper

    graph = model.graph
    nodes: list[onnx.NodeProto] = []
    chosen = [node.name for node in graph.node if READS_HIDDEN_UNITS.search(node.name)][:-1]
    for node in graph.node:
        if node.name not in chosen or node.name in left_out:
            nodes.append(node)
            continue
        x, y, path = node.input[0], node.output[0], node.name
        weight, *bias = node.input[1:]
        product = helper.make_node(node.op_type, [f"{x}_alike", weight], [f"{y}_alike"], path)
        product.attribute.extend(node.attribute)
        scaled = f"{y}_scaled" if bias else y
        nodes += [
            helper.make_node("Abs", [x], [f"{x}_size"], f"{path}_size"),
            helper.make_node("ReduceMax", [f"{x}_size"], [f"{x}_largest"], f"{path}_largest", axes=[-1], keepdims=1),
            helper.make_node("Max", [f"{x}_largest", "least_scale"], [f"{x}_scale"], f"{path}_scale"),
            helper.make_node("Div", [x, f"{x}_scale"], [f"{x}_alike"], f"{path}_alike"),
            product,
            helper.make_node("Mul", [f"{y}_alike", f"{x}_scale"], [scaled], f"{path}_scaled"),
        ]
        if bias:
            nodes.append(helper.make_node("Add", [scaled, *bias], [y], f"{path}_bias"))
    if len(nodes) > len(graph.node):
        graph.initializer.append(numpy_helper.from_array(LEAST.reshape(1), "least_scale"))
    del graph.node[:]
    graph.node.extend(nodes)
