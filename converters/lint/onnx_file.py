"""Reads an ONNX file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from converters.errors import ConversionError
from converters.lint.graph import SMALL, Contents, Graph, Operator, Value, counted
from converters.lint.inspection import Function, Tensor

BUILT_IN = frozenset(
    {"com.microsoft:DynamicQuantizeLSTM", "com.microsoft:MatMulNBits", "com.microsoft:GatherBlockQuantized"}
)
"""Operators outside the ONNX standard that every full build of ONNX Runtime has, the last two from 1.17 and 1.20 on."""


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
    operators = tuple(_operator(onnx, node) for node in graph.node)
    weights: Counter[str] = Counter()
    for tensor in graph.initializer:
        weights[_type(onnx, tensor.data_type)] += tensor.ByteSize()
    return Contents(
        format="onnx",
        graphs=(Graph(Function(None, inputs, outputs), _values(onnx, graph), operators),),
        operators=counted(operator.kind for operator in operators),
        weights=dict(weights),
        metadata=tuple(f"{item.key}={item.value}" for item in model.metadata_props),
        built_in=BUILT_IN,
        int64_tensors=sum(tensor.dtype == "int64" for tensor in (*inputs, *outputs)),
    )


def _operator(onnx: Any, node: Any) -> Operator:
    options = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
    kind = f"{node.domain}:{node.op_type}" if node.domain else node.op_type
    return Operator(kind, tuple(name or None for name in node.input), tuple(node.output), options)


def _values(onnx: Any, graph: Any) -> dict[str, Value]:
    """Inputs and constants; the sizes of what is computed are not written down."""
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
