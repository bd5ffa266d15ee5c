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

TYPES = {np.dtype(np.float32): schema.TensorType.FLOAT32, np.dtype(np.int32): schema.TensorType.INT32}


class TfliteFile:
    """Subgraphs, each with a signature of its own; equal constants are kept once."""

    def __init__(self) -> None:
        self._model = schema.ModelT()
        self._model.version = VERSION
        self._model.buffers = [schema.BufferT()]  # the first is empty by convention
        self._model.operatorCodes, self._model.subgraphs, self._model.signatureDefs = [], [], []
        self._codes: dict[str, int] = {}
        self._buffers: dict[bytes, int] = {}

    def add(self, graph: TfliteGraph, signature: str, inputs: Mapping[str, int], outputs: Mapping[str, int]) -> None:
        """Take a finished graph in, its inputs and outputs under the names of ``signature``."""
        made = graph.finish(signature, inputs, outputs)
        found = schema.SignatureDefT()
        found.signatureKey, found.subgraphIndex = signature, len(self._model.subgraphs)
        found.inputs, found.outputs = _ports(inputs), _ports(outputs)
        self._model.subgraphs.append(made)
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
        file: that it will be part of.

    Attributes:
        scope: module that the operators to come belong to; their outputs are named after it, as litert-torch does it:
            "Layer_0/Attention_attention/Linear_q".
    """

    def __init__(self, file: TfliteFile) -> None:
        self._file, self.scope = file, ""
        self._graph = schema.SubGraphT()
        self._graph.tensors, self._graph.operators = [], []

    def tensor(self, shape: Sequence[int], dtype: Any = np.float32, *, name: str = "", variable: bool = False) -> int:
        """A tensor computed at run time; a ``variable`` one keeps its value from call to call, zeros at first."""
        made = schema.TensorT()
        made.name = name or ";".join(filter(None, (self.scope, f"t{len(self._graph.tensors)}")))
        made.shape, made.type, made.isVariable = [int(size) for size in shape], TYPES[np.dtype(dtype)], variable
        made.buffer = 0
        self._graph.tensors.append(made)
        return len(self._graph.tensors) - 1

    def shape(self, tensor: int) -> tuple[int, ...]:
        """The shape of a tensor."""
        return tuple(self._graph.tensors[tensor].shape)

    def constant(self, values: Any) -> int:
        """A constant of float32 or int32."""
        array = np.ascontiguousarray(values)
        number = self.tensor(array.shape, array.dtype)
        self._graph.tensors[number].buffer = self._file.buffer(array.tobytes())
        return number

    def op(
        self, name: str, inputs: Sequence[int], shape: Sequence[int], dtype: Any = np.float32, *, kind: str = "",
        **options: Any,
    ) -> int:  # fmt: skip
        """Add an operator and give its output, of ``shape`` and ``dtype``; -1 among ``inputs`` is one left out.

        ``kind`` names the options where these are not called as the operator is.
        """
        made = schema.OperatorT()
        made.opcodeIndex, made.inputs = self._file.code(name), list(inputs)
        made.outputs = [self.tensor(shape, dtype)]
        if options or kind:
            words = kind or "".join(word.capitalize() for word in name.split("_"))
            chosen = getattr(schema, f"{words}OptionsT")()
            for field, value in options.items():
                setattr(chosen, field, value)
            made.builtinOptionsType = getattr(schema.BuiltinOptions, f"{words}Options")
            made.builtinOptions = chosen
        self._graph.operators.append(made)
        return int(made.outputs[0])

    def finish(self, signature: str, inputs: Mapping[str, int], outputs: Mapping[str, int]) -> Any:
        """The subgraph as the schema's object."""
        for name, number in (*inputs.items(), *outputs.items()):
            self._graph.tensors[number].name = f"{signature}_{name}"
        self._graph.inputs, self._graph.outputs = list(inputs.values()), list(outputs.values())
        self._graph.name = signature
        return self._graph


def _ports(tensors: Mapping[str, int]) -> list[Any]:
    ports = []
    for name, number in tensors.items():
        port = schema.TensorMapT()
        port.name, port.tensorIndex = name, number
        ports.append(port)
    return ports
