"""A TFLite file written operator by operator, for graphs that litert-torch would blow up."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

VERSION = 3
"""Of the TFLite schema."""

TYPES = {
    np.dtype(np.float32): schema.TensorType.FLOAT32,
    np.dtype(np.int32): schema.TensorType.INT32,
    np.dtype(np.bool_): schema.TensorType.BOOL,
}


class TfliteFile:
    """Subgraphs, some with a signature, some called by others; equal constants are kept once."""

    def __init__(self) -> None:
        self._model = schema.ModelT()
        self._model.version = VERSION
        self._model.buffers = [schema.BufferT()]  # the first is empty by convention
        self._model.operatorCodes, self._model.subgraphs, self._model.signatureDefs = [], [], []
        self._codes: dict[str, int] = {}
        self._buffers: dict[bytes, int] = {}

    def graph(self) -> TfliteGraph:
        """A new, empty subgraph; the file's first is the one that runtimes without signatures run."""
        made = TfliteGraph(self, len(self._model.subgraphs))
        self._model.subgraphs.append(made.subgraph)
        return made

    def sign(self, graph: TfliteGraph, signature: str, inputs: Mapping[str, int], outputs: Mapping[str, int]) -> None:
        """Finish a graph and let it be called as ``signature``, its inputs and outputs under the names given."""
        graph.finish(list(inputs.values()), list(outputs.values()))
        for name, number in (*inputs.items(), *outputs.items()):
            graph.subgraph.tensors[number].name = f"{signature}_{name}"
        found = schema.SignatureDefT()
        found.signatureKey, found.subgraphIndex = signature, graph.place
        found.inputs, found.outputs = _ports(inputs), _ports(outputs)
        self._model.signatureDefs.append(found)

    def content(self) -> bytes:
        """The whole file."""
        builder = flatbuffers.Builder(1024)
        builder.Finish(self._model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    def buffer(self, content: bytes) -> int:
        """The number of the buffer that holds ``content``."""
        key = hashlib.sha256(content).digest()
        if key not in self._buffers:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(content, np.uint8)
            self._buffers[key] = len(self._model.buffers)
            self._model.buffers.append(buffer)
        return self._buffers[key]

    def code(self, name: str) -> int:
        """The number of an operator."""
        if name not in self._codes:
            code = schema.OperatorCodeT()
            code.builtinCode = getattr(schema.BuiltinOperator, name)
            code.deprecatedBuiltinCode = min(code.builtinCode, schema.BuiltinOperator.PLACEHOLDER_FOR_GREATER_OP_CODES)
            code.version = 1
            self._codes[name] = len(self._model.operatorCodes)
            self._model.operatorCodes.append(code)
        return self._codes[name]


class TfliteGraph:
    """Tensors and operators of one subgraph; a tensor is known by its number.

    Operators are named as in the schema (`BuiltinOperator`), their options by the fields of `NAMEOptions`.

    Args:
        file: that it is part of.
        place: of the subgraph in the file, by which operators call it.

    Attributes:
        subgraph: as the schema's object.
        scope: module that the operators to come belong to; what they compute is named after it, as litert-torch does
            it: "Layer_0/Attention_attention/Linear_q". Quantisers know an operator by that name.
    """

    def __init__(self, file: TfliteFile, place: int) -> None:
        self.place = place
        self._file, self.scope = file, ""
        self.subgraph = schema.SubGraphT()
        self.subgraph.tensors, self.subgraph.operators = [], []

    def tensor(self, shape: Sequence[int], dtype: Any = np.float32) -> int:
        """A tensor computed at run time."""
        made = schema.TensorT()
        made.name = f"{self.scope};{len(self.subgraph.tensors)};{self.place}"  # no other tensor of the file has it
        made.shape, made.type, made.buffer = [int(size) for size in shape], TYPES[np.dtype(dtype)], 0
        self.subgraph.tensors.append(made)
        return len(self.subgraph.tensors) - 1

    def shape(self, tensor: int) -> tuple[int, ...]:
        """The shape of a tensor."""
        return tuple(self.subgraph.tensors[tensor].shape)

    def constant(self, values: Any) -> int:
        """A constant of float32 or int32."""
        array = np.ascontiguousarray(values)
        number = self.tensor(array.shape, array.dtype)
        self.subgraph.tensors[number].buffer = self._file.buffer(array.tobytes())
        return number

    def op(
        self, operator: str, inputs: Sequence[int], shape: Sequence[int], dtype: Any = np.float32, *, kind: str = "",
        **options: Any,
    ) -> int:  # fmt: skip
        """Add an operator with one output, of ``shape`` and ``dtype``, and give that; else as `ops`."""
        output = self.tensor(shape, dtype)
        self.ops(operator, inputs, [output], kind=kind, **options)
        return output

    def ops(
        self, operator: str, inputs: Sequence[int], outputs: Sequence[int], *, kind: str = "", **options: Any
    ) -> None:
        """Add an operator that computes ``outputs``; -1 among ``inputs`` is one left out.

        ``kind`` names the options where these are not called as the operator is.
        """
        made = schema.OperatorT()
        made.opcodeIndex, made.inputs, made.outputs = self._file.code(operator), list(inputs), list(outputs)
        if options or kind:
            words = kind or "".join(word.capitalize() for word in operator.split("_"))
            chosen = getattr(schema, f"{words}OptionsT")()
            for field, value in options.items():
                setattr(chosen, field, value)
            made.builtinOptionsType = getattr(schema.BuiltinOptions, f"{words}Options")
            made.builtinOptions = chosen
        self.subgraph.operators.append(made)

    def finish(self, inputs: Sequence[int], outputs: Sequence[int]) -> None:
        """Say what goes in and out, in order."""
        self.subgraph.inputs, self.subgraph.outputs = list(inputs), list(outputs)


def _ports(tensors: Mapping[str, int]) -> list[Any]:
    ports = []
    for name, number in tensors.items():
        port = schema.TensorMapT()
        port.name, port.tensorIndex = name, number
        ports.append(port)
    return ports
