"""Embedding tables of ONNX files in int8, a scale a row: ONNX Runtime's quantiser has one scale for a whole table.

A row w is q s with s = max |w| / 127 and q = round(w / s). Looked up are both, so that a row is s times its integers.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import onnx

LARGEST = 127


def by_rows(model: onnx.ModelProto, left_out: Collection[str]) -> None:
    """Put 8-bit tables in place of float32 ones, in the model itself.

    Args:
        model: its lookups are Gather nodes along the first axis of an initializer.
        left_out: names of nodes whose tables stay as they are.
    """
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph
    tables = {one.name: one for one in graph.initializer if one.data_type == TensorProto.FLOAT and len(one.dims) == 2}
    readers = {name: [node for node in graph.node if name in node.input] for name in tables}
    nodes = list(graph.node)
    for name, found in readers.items():
        if not found or any(node.op_type != "Gather" or node.name in left_out for node in found):
            continue
        integers, scales = _quantised(numpy_helper.to_array(tables[name]))
        graph.initializer.remove(tables[name])
        graph.initializer.append(numpy_helper.from_array(integers, f"{name}_int8"))
        graph.initializer.append(numpy_helper.from_array(scales, f"{name}_scale"))
        for node in found:
            ids, rows, path = node.input[1], node.output[0], node.name
            place = nodes.index(node)
            nodes[place : place + 1] = [
                helper.make_node("Gather", [f"{name}_int8", ids], [f"{rows}_int8"], path),
                helper.make_node("Gather", [f"{name}_scale", ids], [f"{rows}_scale"], f"{path}_scale"),
                helper.make_node("Cast", [f"{rows}_int8"], [f"{rows}_float"], f"{path}_float", to=TensorProto.FLOAT),
                helper.make_node("Mul", [f"{rows}_float", f"{rows}_scale"], [rows], f"{path}_scaled"),
            ]
    del graph.node[:]
    graph.node.extend(nodes)


def _quantised(table: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Integers [rows, width] and scales [rows, 1]; a row of zeros has scale 1."""
    largest = np.abs(table).max(axis=1, keepdims=True)
    scales = np.where(largest > 0, largest / LARGEST, 1).astype(np.float32)
    return np.rint(table / scales).astype(np.int8), scales
