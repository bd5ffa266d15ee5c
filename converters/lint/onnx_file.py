"""Reads an ONNX file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from converters.errors import ConversionError
from converters.lint.graph import SMALL, Contents, Graph, Operator, Value, counted
from converters.lint.inspection import Function, Tensor


def read(path: Path) -> Contents:
    """Read a file, external data aside.

    Raises:
        ConversionError: if it is none.
    """
    import onnx

    try:
        onnx.checker.check_model(str(path))
    except (onnx.checker.ValidationError, RuntimeError) as error:
        raise ConversionError(f"{path} is neither a TFLite nor a valid ONNX file: {error}") from error
    model = onnx.load(path, load_external_data=False)
    graph = model.graph
    constants = {tensor.name for tensor in graph.initializer}
    inputs = tuple(_port(onnx, value) for value in graph.input if value.name not in constants)
    outputs = tuple(_port(onnx, value) for value in graph.output)
    opsets = {opset.domain: opset.version for opset in model.opset_import}
    operators = tuple(_operator(onnx, node, opsets[node.domain]) for node in graph.node)
    values = _values(onnx, graph)
    weights: Counter[str] = Counter()
    for tensor in graph.initializer:
        weights[_type(onnx, tensor.data_type)] += tensor.ByteSize()
    return Contents(
        format="onnx",
        graphs=(Graph(Function(None, inputs, outputs), _computed(onnx, model, values) | values, operators),),
        operators=counted(operator.kind for operator in operators),
        weights=dict(weights),
        metadata=tuple(f"{item.key}={item.value}" for item in model.metadata_props),
        ir=model.ir_version,
        int64_tensors=sum(tensor.dtype == "int64" for tensor in (*inputs, *outputs)),
    )


def _operator(onnx: Any, node: Any, version: int) -> Operator:
    options = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
    kind = f"{node.domain}:{node.op_type}" if node.domain else node.op_type
    return Operator(kind, tuple(name or None for name in node.input), tuple(node.output), options, version)


def _computed(onnx: Any, model: Any, values: Mapping[str, Value]) -> dict[str, Value]:
    """What the operators of ONNX's own compute, as far as their rules tell; takes large constants out of ``model``."""
    for tensor in model.graph.initializer:
        if values[tensor.name].numbers is None:
            tensor.ClearField("raw_data")  # of no use here, and inference copies the model
    inferred = (_port(onnx, value) for value in onnx.shape_inference.infer_shapes(model).graph.value_info)
    return {port.name: Value(port.dtype, port.shape) for port in inferred}


def _values(onnx: Any, graph: Any) -> dict[str, Value]:
    """Inputs and constants."""
    found = {}
    for value in graph.input:
        port = _port(onnx, value)
        found[value.name] = Value(port.dtype, port.shape)
    constants = [(tensor.name, tensor) for tensor in graph.initializer]
    constants += [
        (node.output[0], item.t)
        for node in graph.node
        if node.op_type == "Constant"
        for item in node.attribute
        if item.name == "value"
    ]
    for name, tensor in constants:
        count = 1
        for size in tensor.dims:
            count *= size
        inside = tensor.data_location != onnx.TensorProto.EXTERNAL
        numbers = onnx.numpy_helper.to_array(tensor) if inside and count <= SMALL else None
        size = tensor.ByteSize()
        found[name] = Value(_type(onnx, tensor.data_type), tuple(tensor.dims), True, numbers, bytes=size)
    return found


def _port(onnx: Any, value: Any) -> Tensor:
    tensor = value.type.tensor_type
    sizes = tuple(size.dim_param or (size.dim_value if size.HasField("dim_value") else -1) for size in tensor.shape.dim)
    return Tensor(value.name, _type(onnx, tensor.elem_type), sizes)


def _type(onnx: Any, number: int) -> str:
    """ONNX calls float32 "float"; numpy's name serves both formats."""
    return str(onnx.helper.tensor_dtype_to_np_dtype(number))
