"""Reads a TFLite file."""

from __future__ import annotations

import mmap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from converters.lint.graph import SMALL, Contents, Graph, Operator, Value, counted
from converters.lint.inspection import Function, Tensor

NUMBERS = {"int32": np.int32, "int64": np.int64}
"""Types of the constants that say how an operator works."""


def is_one(path: Path) -> bool:
    """Whether a file says of itself that it is TFLite."""
    with path.open("rb") as file:
        return file.read(8)[4:] == b"TFL3"


def read(path: Path) -> Contents:
    """Read a file, its large constants aside.

    Raises:
        struct.error, IndexError: if it is damaged.
    """
    from ai_edge_litert import schema_py_generated as schema

    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        model = schema.Model.GetRootAs(content, 0)
        subgraphs = list(_each(model, "Subgraphs"))
        codes = [_operator_name(schema, code) for code in _each(model, "OperatorCodes")]
        types = _names(schema.TensorType)
        operators = [list(_operators(schema, graph, codes)) for graph in subgraphs]
        tensors = [tensor for graph in subgraphs for tensor in _each(graph, "Tensors")]
        # Signatures that share weights do so through the buffers of their tensors.
        buffers = {tensor.Buffer(): types[tensor.Type()] for tensor in tensors}
        weights: Counter[str] = Counter()
        for place, kind in buffers.items():
            weights[kind] += _size(model.Buffers(place))
        functions = list(_functions(model, subgraphs, types))
        without_name = set(range(len(subgraphs))) - {place for place, _ in functions}
        return Contents(
            format="tflite",
            graphs=tuple(
                Graph(function, _values(model, subgraphs[place], types), tuple(operators[place]))
                for place, function in functions
            ),
            operators=counted(operator.kind for inside in operators for operator in inside),
            weights=dict(+weights),
            metadata=tuple(item.Name().decode() for item in _each(model, "Metadata")),
            int64_tensors=sum(types[tensor.Type()] == "int64" for tensor in tensors),
            called={
                place: Graph(Function(None, (), ()), _values(model, subgraphs[place], types), tuple(operators[place]))
                for place in sorted(without_name)
            },
        )


def _functions(model: Any, graphs: Sequence[Any], types: dict[int, str]) -> Iterator[tuple[int, Function]]:
    """Each function with the place of its subgraph."""
    for signature in _each(model, "SignatureDefs"):
        place = signature.SubgraphIndex()
        sides = (_ports(graphs[place], signature, side, types) for side in ("Inputs", "Outputs"))
        yield place, Function(signature.SignatureKey().decode(), *sides)
    if not model.SignatureDefsLength():
        yield 0, Function(None, *(_ports(graphs[0], None, side, types) for side in ("Inputs", "Outputs")))


def _ports(graph: Any, signature: Any, side: str, types: dict[int, str]) -> tuple[Tensor, ...]:
    """Inputs or outputs in the order of the subgraph, under the signature's names where there is one."""
    named = {port.TensorIndex(): port.Name() for port in _each(signature, side)} if signature else {}
    ports = []
    for position in range(getattr(graph, f"{side}Length")()):
        index = getattr(graph, side)(position)
        tensor = graph.Tensors(index)
        free = tensor.ShapeSignatureLength() > 0
        shape = tensor.ShapeSignatureAsNumpy() if free else tensor.ShapeAsNumpy()
        sizes = tuple(int(size) for size in shape) if tensor.ShapeLength() else ()
        ports.append(Tensor(named.get(index, tensor.Name()).decode(), types[tensor.Type()], sizes))
    return tuple(ports)


def _values(model: Any, graph: Any, types: dict[int, str]) -> dict[int, Value]:
    return {place: _value(model, tensor, types) for place, tensor in enumerate(_each(graph, "Tensors"))}


def _value(model: Any, tensor: Any, types: dict[int, str]) -> Value:
    dtype, buffer = types[tensor.Type()], model.Buffers(tensor.Buffer())
    shape = tuple(map(int, tensor.ShapeAsNumpy())) if tensor.ShapeLength() else ()
    size, scaling = _size(buffer), tensor.Quantization()
    numbers = None
    if dtype in NUMBERS and 0 < buffer.DataLength() <= SMALL * np.dtype(NUMBERS[dtype]).itemsize:
        numbers = np.frombuffer(buffer.DataAsNumpy().tobytes(), NUMBERS[dtype])
    found = Value(dtype, shape, size > 0, numbers, scaling.ScaleLength() if scaling else 0, bytes=size)
    if found.scales == 1:
        return replace(found, scale=float(scaling.Scale(0)), zero_point=int(scaling.ZeroPoint(0)))
    return found


def _operators(schema: Any, graph: Any, codes: Sequence[str]) -> Iterator[Operator]:
    options = {value: name for name, value in vars(schema.BuiltinOptions).items() if isinstance(value, int)}
    for operator in _each(graph, "Operators"):
        table, stated = operator.BuiltinOptions(), {}
        if table is not None and operator.BuiltinOptionsType():
            kind = options[operator.BuiltinOptionsType()]
            of_kind = getattr(schema, kind)()
            of_kind.Init(table.Bytes, table.Pos)
            found = vars(getattr(schema, f"{kind}T").InitFromObj(of_kind))
            # Lists come as views of the file, which is closed soon.
            stated = {
                name: np.array(value) if isinstance(value, np.ndarray) else value for name, value in found.items()
            }
        yield Operator(codes[operator.OpcodeIndex()], _places(operator, "Inputs"), _places(operator, "Outputs"), stated)


def _places(operator: Any, side: str) -> tuple[int | None, ...]:
    places = (int(getattr(operator, side)(n)) for n in range(getattr(operator, f"{side}Length")()))
    return tuple(place if place >= 0 else None for place in places)


def _operator_name(schema: Any, code: Any) -> str:
    # Old files keep the code in a byte, new ones in an int; the other field holds the smaller number.
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    if number != schema.BuiltinOperator.CUSTOM:
        return _names(schema.BuiltinOperator)[number].upper()
    name: str = code.CustomCode().decode()
    return name if name.startswith("Flex") else f"custom:{name}"


def _size(buffer: Any) -> int:
    return max(int(buffer.DataLength()), int(buffer.Size()))


def _names(enum: Any) -> dict[int, str]:
    return {value: name.lower() for name, value in vars(enum).items() if isinstance(value, int)}


def _each(owner: Any, field: str) -> Iterator[Any]:
    return (getattr(owner, field)(index) for index in range(getattr(owner, f"{field}Length")()))
