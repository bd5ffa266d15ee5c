"""What is in a model file, whoever made it: inputs, outputs, operators, and what a phone will trip over."""

from __future__ import annotations

import mmap
import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from converters.artefact import Entry, digest
from converters.errors import ConversionError
from converters.graph_spec import Format, TensorSpec

ORT_BUILT_IN = frozenset({"com.microsoft:DynamicQuantizeLSTM"})
"""Operators outside the ONNX standard that every build of ONNX Runtime has."""


@dataclass(frozen=True)
class Tensor:
    """A tensor as the file declares it; a free size stands as its name, or as -1 where it has none."""

    name: str
    dtype: str
    shape: tuple[int | str, ...]


@dataclass(frozen=True)
class Function:
    """What can be called in a file: a signature of a TFLite file; where there is none, the graph itself."""

    signature: str | None
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    """Under the names that a caller binds them by."""


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What `inspect` found.

    Attributes:
        path: the file.
        format: "onnx" or "tflite".
        bytes: size of the file.
        sha256: hex digest of the bytes.
        functions: all that can be called, in the order of the file.
        operators: count of each, most frequent first.
        foreign: operators that are not built into the runtime (Flex, custom, other ONNX domains).
        int64_tensors: 64-bit tensors; in ONNX only inputs and outputs count, shapes being int64 by definition.
        metadata: names of the metadata buffers (TFLite), or properties as "key=value" (ONNX).
        weights: bytes of constants by data type.
    """

    path: str
    format: Format
    bytes: int
    sha256: str
    functions: tuple[Function, ...]
    operators: dict[str, int]
    foreign: tuple[str, ...]
    int64_tensors: int
    metadata: tuple[str, ...]
    weights: dict[str, int]

    @property
    def signature(self) -> str | None:
        """Signature of the last function; None where there is none."""
        return self.functions[-1].signature

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """Inputs of the last function."""
        return self.functions[-1].inputs

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """Outputs of the last function."""
        return self.functions[-1].outputs

    @property
    def problems(self) -> list[str]:
        """What keeps this file from running on a plain runtime, or makes it slow; one sentence each."""
        found = []
        if self.foreign:
            found.append(f"Operators that are not built into the runtime: {', '.join(self.foreign)}.")
        if self.int64_tensors:
            found.append(f"{self.int64_tensors} tensors of 64-bit integers: accelerators take none.")
        return found

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self) | {"problems": self.problems}


def inspect(path: Path) -> Inspection:
    """Look into an ONNX or TFLite file.

    Raises:
        ConversionError: if the file is missing, or neither of the two.
    """
    if not path.is_file():
        raise ConversionError(f"There is no file {path}.")
    try:
        found = _inspect_tflite(path) if _is_tflite(path) else _inspect_onnx(path)
    except (struct.error, IndexError) as error:  # the flatbuffer points outside itself
        raise ConversionError(f"{path} is damaged or cut short.") from error
    return Inspection(path=str(path), bytes=path.stat().st_size, sha256=digest(path), **found)


def check(path: Path, entries: Sequence[Entry], output: TensorSpec) -> None:
    """Make sure that a file has the functions asked for, no others, and needs nothing but the plain runtime.

    Raises:
        ConversionError: if not.
    """
    found = inspect(path)
    wanted = {entry.signature: _ports((*entry.inputs, output)) for entry in entries}
    there = {function.signature: _ports((*function.inputs, *function.outputs)) for function in found.functions}
    if wanted != there:
        raise ConversionError(f"The file came out with inputs and outputs {there}; asked for were {wanted}.")
    if found.problems:
        raise ConversionError(" ".join(found.problems))


def _ports(tensors: Sequence[Tensor | TensorSpec]) -> dict[str, tuple[str, tuple[int | str, ...]]]:
    return {tensor.name: (tensor.dtype, tensor.shape) for tensor in tensors}


def _is_tflite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(8)[4:] == b"TFL3"


def _inspect_tflite(path: Path) -> dict[str, Any]:
    from ai_edge_litert import schema_py_generated as schema

    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        model = schema.Model.GetRootAs(content, 0)
        graphs = list(_each(model, "Subgraphs"))
        codes = [_operator_name(schema, code) for code in _each(model, "OperatorCodes")]
        types = _names(schema.TensorType)
        used = Counter(codes[op.OpcodeIndex()] for graph in graphs for op in _each(graph, "Operators"))
        tensors = [tensor for graph in graphs for tensor in _each(graph, "Tensors")]
        # Signatures that share weights do so through the buffers of their tensors.
        buffers = {tensor.Buffer(): types[tensor.Type()] for tensor in tensors}
        weights: Counter[str] = Counter()
        for place, kind in buffers.items():
            buffer = model.Buffers(place)
            weights[kind] += max(buffer.DataLength(), buffer.Size())
        return {
            "format": "tflite",
            "functions": tuple(_tflite_functions(model, graphs, types)),
            "operators": dict(used.most_common()),
            "foreign": tuple(sorted(name for name in used if name.startswith(("Flex", "custom:")))),
            "int64_tensors": sum(types[tensor.Type()] == "int64" for tensor in tensors),
            "metadata": tuple(item.Name().decode() for item in _each(model, "Metadata")),
            "weights": dict(+weights),
        }


def _tflite_functions(model: Any, graphs: Sequence[Any], types: dict[int, str]) -> Iterator[Function]:
    for signature in _each(model, "SignatureDefs"):
        sides = (_tflite_ports(graphs[signature.SubgraphIndex()], signature, s, types) for s in ("Inputs", "Outputs"))
        yield Function(signature.SignatureKey().decode(), *sides)
    if not model.SignatureDefsLength():
        yield Function(None, *(_tflite_ports(graphs[0], None, side, types) for side in ("Inputs", "Outputs")))


def _tflite_ports(graph: Any, signature: Any, side: str, types: dict[int, str]) -> tuple[Tensor, ...]:
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


def _operator_name(schema: Any, code: Any) -> str:
    # Old files keep the code in a byte, new ones in an int; the other field holds the smaller number.
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    if number != schema.BuiltinOperator.CUSTOM:
        return _names(schema.BuiltinOperator)[number].upper()
    name: str = code.CustomCode().decode()
    return name if name.startswith("Flex") else f"custom:{name}"


def _names(enum: Any) -> dict[int, str]:
    return {value: name.lower() for name, value in vars(enum).items() if isinstance(value, int)}


def _each(owner: Any, field: str) -> Iterator[Any]:
    return (getattr(owner, field)(index) for index in range(getattr(owner, f"{field}Length")()))


def _inspect_onnx(path: Path) -> dict[str, Any]:
    import onnx

    try:
        onnx.checker.check_model(str(path))
    except (onnx.checker.ValidationError, RuntimeError) as error:
        raise ConversionError(f"{path} is neither a TFLite nor a valid ONNX file: {error}") from error
    model = onnx.load(path, load_external_data=False)
    graph = model.graph
    constants = {tensor.name for tensor in graph.initializer}
    inputs = tuple(_onnx_port(onnx, value) for value in graph.input if value.name not in constants)
    outputs = tuple(_onnx_port(onnx, value) for value in graph.output)
    used = Counter(f"{node.domain}:{node.op_type}" if node.domain else node.op_type for node in graph.node)
    weights: Counter[str] = Counter()
    for tensor in graph.initializer:
        weights[_onnx_type(onnx, tensor.data_type)] += tensor.ByteSize()
    return {
        "format": "onnx",
        "functions": (Function(None, inputs, outputs),),
        "operators": dict(used.most_common()),
        "foreign": tuple(sorted(name for name in used if ":" in name and name not in ORT_BUILT_IN)),
        "int64_tensors": sum(tensor.dtype == "int64" for tensor in (*inputs, *outputs)),
        "metadata": tuple(f"{item.key}={item.value}" for item in model.metadata_props),
        "weights": dict(weights),
    }


def _onnx_port(onnx: Any, value: Any) -> Tensor:
    tensor = value.type.tensor_type
    sizes = tuple(size.dim_param or (size.dim_value if size.HasField("dim_value") else -1) for size in tensor.shape.dim)
    return Tensor(value.name, _onnx_type(onnx, tensor.elem_type), sizes)


def _onnx_type(onnx: Any, number: int) -> str:
    """ONNX calls float32 "float"; numpy's name serves both formats."""
    return str(onnx.helper.tensor_dtype_to_np_dtype(number))
