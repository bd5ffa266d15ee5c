"""The shapes of an ONNX graph at given sizes: every tensor's, also behind operators of ONNX Runtime's own.

Standard operators say themselves what they make of their inputs (`onnx.shape_inference`); the arithmetic that torch
leaves in a graph to compute shapes is done on the spot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from converters.lint import onnx_file
from converters.lint.graph import SMALL, Contents, Graph, Operator, Value

Shape = tuple[int, ...]


def at(path: Path, batch: int, length: int) -> Contents:
    """Read a file as `onnx_file.read` does, with the shapes of its tensors where inputs are [batch, length].

    A tensor that no rule knows keeps the shape None.

    Args:
        path: the file.
        batch: size of the first axis of the inputs, where that is free.
        length: size of all other free axes.

    Raises:
        ConversionError: if it is no ONNX file.
    """
    import onnx

    contents = onnx_file.read(path)
    model = onnx.load(path, load_external_data=False)
    (graph,) = contents.graphs
    values = {key: _sized(value, batch, length) for key, value in graph.values.items()}
    opsets = list(model.opset_import)
    for node, operator in zip(model.graph.node, graph.operators, strict=True):
        if node.op_type != "Constant":
            values |= _outputs(onnx, node, operator, values, opsets)
    return replace(contents, graphs=(Graph(graph.function, values, graph.operators),))


def _sized(value: Value, batch: int, length: int) -> Value:
    if value.shape is None or value.constant:
        return value
    free = [not isinstance(size, int) or size < 0 for size in value.shape]
    sizes = (batch if place == 0 else length for place in range(len(free)))
    return replace(value, shape=tuple(n if f else s for f, s, n in zip(free, value.shape, sizes, strict=True)))


def _outputs(
    onnx: Any, node: Any, operator: Operator, values: Mapping[str, Value], opsets: list[Any]
) -> dict[str, Value]:
    """What is known of a node's outputs."""
    inputs = [values.get(key) for key in operator.inputs]
    if operator.kind == "Shape" and inputs[0] and inputs[0].shape is not None:
        part = slice(operator.options.get("start"), operator.options.get("end"))
        return {node.output[0]: _of(np.array(inputs[0].shape[part], np.int64))}
    if inputs and all(value is not None and value.numbers is not None for value in inputs):
        return _computed(onnx, node, values)
    if operator.kind == "ArgMax" and (shape := _shape(inputs[0])) and len(shape) == 1:
        # The last token of a mask, see `blocks.longest`: a text of that length fills it.
        return {node.output[0]: _of(np.array([shape[0] - 1], np.int64))}
    if operator.kind in CONTRIBUTED:
        shapes = CONTRIBUTED[operator.kind](operator, inputs)
        return {name: Value(*made) for name, made in zip(node.output, shapes, strict=False) if name}
    return _inferred(onnx, node, values, opsets)


def _of(numbers: np.ndarray[Any, Any]) -> Value:
    return Value(numbers.dtype.name, numbers.shape, numbers=numbers if numbers.size <= SMALL else None)


def _computed(onnx: Any, node: Any, values: Mapping[str, Value]) -> dict[str, Value]:
    from onnx.reference import ReferenceEvaluator

    feeds = {name: values[name].numbers for name in node.input if name}
    found = ReferenceEvaluator(node).run(None, feeds)
    return {name: _of(np.asarray(array)) for name, array in zip(node.output, found, strict=True) if name}


def _inferred(onnx: Any, node: Any, values: Mapping[str, Value], opsets: list[Any]) -> dict[str, Value]:
    """By the standard's own rules, which want every input known, and no input twice."""
    known = {f"{place}": values.get(name) for place, name in enumerate(node.input) if name}
    if any(value is None or value.shape is None for value in known.values()):
        return {}
    types = {name: _type(onnx, value) for name, value in known.items() if value}
    data = {
        name: onnx.numpy_helper.from_array(value.numbers, name)
        for name, value in known.items()
        if value and value.numbers is not None
    }
    alone = onnx.NodeProto()
    alone.CopyFrom(node)
    alone.input[:] = [f"{place}" if name else "" for place, name in enumerate(node.input)]
    version = next((one.version for one in opsets if one.domain == node.domain), 0)
    try:
        schema = onnx.defs.get_schema(node.op_type, version, node.domain)
        found = onnx.shape_inference.infer_node_outputs(schema, alone, types, data, opset_imports=opsets)
    except (onnx.defs.SchemaError, onnx.shape_inference.InferenceError):
        return {}
    return {name: _typed(onnx, kind.tensor_type) for name, kind in found.items() if kind.HasField("tensor_type")}


def _type(onnx: Any, value: Value) -> Any:
    kind = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(value.dtype))
    return onnx.helper.make_tensor_type_proto(kind, value.shape)


def _typed(onnx: Any, kind: Any) -> Value:
    sizes = [size.dim_value if size.HasField("dim_value") else None for size in kind.shape.dim]
    shape = None if not kind.HasField("shape") or None in sizes else tuple(int(size or 0) for size in sizes)
    return Value(onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type).name, shape)


Made = list[tuple[str, Shape | None]]
"""Data type and shape of each output."""


def _like_first(operator: Operator, inputs: list[Value | None]) -> Made:
    first = inputs[0]
    return [("float32", _shape(first))] * len(operator.outputs)


def _product(operator: Operator, inputs: list[Value | None]) -> Made:
    """Of x and y over leading axes, either turned round first by `transA`, `transB`, `transBatchA`, `transBatchB`."""
    x, y = _shape(inputs[0]), _shape(inputs[1])
    if not x or not y or len(x) < 2 or len(y) < 2:
        return [("float32", None)]
    # The first axis goes behind the other leading ones.
    x = (*x[1:-1], x[0], x[-1]) if operator.options.get("transBatchA") else x
    y = (*y[1:-1], y[0], y[-1]) if operator.options.get("transBatchB") else y
    m = x[-1] if operator.options.get("transA") else x[-2]
    n = y[-2] if operator.options.get("transB") else y[-1]
    return [("float32", (*np.broadcast_shapes(x[:-2], y[:-2]), m, n))]


def _quantised_product(operator: Operator, inputs: list[Value | None]) -> Made:
    """`QLinearMatMul`-like: factors at 0 and 3."""
    return _product(operator, [inputs[0], inputs[3]])


def _attention(operator: Operator, inputs: list[Value | None]) -> Made:
    """Of x [batch, length, width] and the three weights side by side, or of the three products themselves."""
    x = _shape(inputs[0])
    weights = _shape(inputs[1])
    if operator.kind.endswith("MultiHeadAttention") or x is None or weights is None:
        return [("float32", x)]
    return [("float32", (*x[:-1], weights[-1] // 3))]


def _recurrent(operator: Operator, inputs: list[Value | None]) -> Made:
    """[length, ways, batch, hidden], then the last states."""
    x, width = _shape(inputs[0]), int(operator.options["hidden_size"])
    ways = 2 if operator.options.get("direction") == b"bidirectional" else 1
    if x is None:
        return [("float32", None)] * 3
    last = ("float32", (ways, x[1], width))
    return [("float32", (x[0], ways, x[1], width)), last, last]


def _shape(value: Value | None) -> Shape | None:
    if value is None or value.shape is None or not all(isinstance(size, int) for size in value.shape):
        return None
    return tuple(int(size) for size in value.shape)


MICROSOFT = "com.microsoft:"
CONTRIBUTED: dict[str, Callable[[Operator, list[Value | None]], Made]] = {
    **dict.fromkeys(
        [
            MICROSOFT + name
            for name in ("Gelu", "FastGelu", "BiasGelu", "QuickGelu", "SkipLayerNormalization", "BiasSoftmax",
                         "SimplifiedLayerNormalization", "SkipSimplifiedLayerNormalization")
        ], _like_first,
    ),
    **dict.fromkeys(
        [
            MICROSOFT + name
            for name in ("FusedMatMul", "TransposeMatMul", "FusedGemm", "DynamicQuantizeMatMul",
                         "MatMulIntegerToFloat", "MatMulInteger16")
        ], _product,
    ),
    MICROSOFT + "QLinearMatMul": _quantised_product,
    MICROSOFT + "Attention": _attention,
    MICROSOFT + "QAttention": _attention,
    MICROSOFT + "MultiHeadAttention": _attention,
    MICROSOFT + "DynamicQuantizeLSTM": _recurrent,
}  # fmt: skip
"""Operators of ONNX Runtime's own (its ContribOperators.md), those that a text encoder is made of."""
