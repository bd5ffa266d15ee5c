"""A TFLite file taken apart: a model for each of its operators alone, and what goes into it in a real call."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from benchmarks.profiles.turns import words
from converters.tflite_graph import VERSION, TfliteFile

NAMES: dict[int, str] = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
CALLS = ("condSubgraphIndex", "bodySubgraphIndex", "thenSubgraphIndex", "elseSubgraphIndex")
"""Options by which an operator calls other subgraphs, which belong to it."""
STEERING = (schema.TensorType.INT32, schema.TensorType.INT64, schema.TensorType.BOOL)
"""Constants that say what is done (axes, orders) and not what with: operators are equal only where these are."""


@dataclass(frozen=True)
class Alone:
    """Equal operators of a file, for which the first stands.

    Attributes:
        kind: as the schema names it.
        shape: of activations, in words.
        count: of equal ones.
        macs: multiply-adds of one, if it is a matrix product, else 0.
        operator: the first of them.
        inputs: its activations, by their number in the file's graph.
        outputs: those that are read: what a loop passes through unread costs nothing.
    """

    kind: str
    shape: str
    count: int
    macs: int
    operator: Any
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    @property
    def is_loop(self) -> bool:
        """Whether it calls other subgraphs."""
        return any(hasattr(self.operator.builtinOptions, name) for name in CALLS)


class Apart:
    """A file's function for one signature, taken apart.

    Args:
        content: of the file; weights may lie behind the flatbuffer.
        signature: whose subgraph it is.
    """

    def __init__(self, content: bytes, signature: str) -> None:
        self._model = schema.ModelT.InitFromPackedBuf(content, 0)
        for buffer in self._model.buffers:
            if buffer.offset > 1:  # by the schema, up to 1 there is no such place
                buffer.data = np.frombuffer(content, np.uint8, buffer.size, buffer.offset)
                buffer.offset = buffer.size = 0
        (defined,) = (one for one in self._model.signatureDefs if one.signatureKey.decode() == signature)
        self.inputs = {port.name.decode(): int(port.tensorIndex) for port in defined.inputs}
        self._graph = self._model.subgraphs[defined.subgraphIndex]
        read = (number for one in self._graph.operators for number in one.inputs)
        self._read = {int(number) for number in (*read, *self._graph.outputs)}

    def operators(self) -> list[Alone]:
        """Every operator of the graph, equal ones once."""
        alike: dict[tuple[Any, ...], list[Any]] = {}
        for one in self._graph.operators:
            alike.setdefault(self._key(one), []).append(one)
        return [self._alone(ones) for ones in alike.values()]

    def alone(self, one: Alone) -> bytes:
        """A model that has this operator, its constants, and nothing else."""
        return self._packed([one.operator], one.inputs, one.outputs)

    def whole(self) -> bytes:
        """The graph as the only one of a model, its tensors by the same numbers."""
        return self._packed(self._graph.operators, list(self.inputs.values()), list(self._graph.outputs))

    def _alone(self, ones: Sequence[Any]) -> Alone:
        first = ones[0]
        inputs = tuple(dict.fromkeys(int(number) for number in first.inputs if not self._is_constant(number)))
        given = [self._shape(number) for number in first.inputs if not self._is_constant(number)]
        shape = words(given, self._shape(first.outputs[0]))
        outputs = tuple(int(number) for number in first.outputs if number in self._read)
        return Alone(self._kind(first), shape, len(ones), self._macs(first), first, inputs, outputs)

    def _kind(self, one: Any) -> str:
        code = self._model.operatorCodes[one.opcodeIndex]
        return NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)]

    def _shape(self, number: int) -> tuple[int, ...]:
        found = self._graph.tensors[number].shape
        return () if found is None else tuple(map(int, found))

    def _is_constant(self, number: int) -> bool:
        return number < 0 or self._data(number) is not None

    def _data(self, number: int) -> Any:
        data = self._model.buffers[self._graph.tensors[number].buffer].data
        return None if data is None or not len(data) else data

    def _macs(self, one: Any) -> int:
        kind, written = self._kind(one), math.prod(self._shape(one.outputs[0]))
        if kind == "FULLY_CONNECTED":
            return written * self._shape(one.inputs[1])[-1]
        if kind == "BATCH_MATMUL":
            return written * self._shape(one.inputs[0])[-2 if one.builtinOptions.adjX else -1]
        return 0

    def _key(self, one: Any) -> tuple[Any, ...]:
        """All that an operator's time depends on, but the numbers it computes with."""
        inputs, outputs = list(map(int, one.inputs)), list(map(int, one.outputs))
        same = tuple(inputs.index(number) for number in inputs)  # x times x is not x times y
        options = b""
        if one.builtinOptions is not None:
            builder = flatbuffers.Builder(256)
            builder.Finish(one.builtinOptions.Pack(builder))
            options = bytes(builder.Output())
        read = tuple(number in self._read for number in outputs)
        return self._kind(one), same, options, read, *(self._tensor_key(number) for number in (*inputs, *outputs))

    def _tensor_key(self, number: int) -> tuple[Any, ...]:
        if number < 0:
            return ()
        tensor, data = self._graph.tensors[number], self._data(number)
        scales = None if tensor.quantization is None else tensor.quantization.scale
        steers = bytes(data) if data is not None and tensor.type in STEERING else b""
        return self._shape(number), tensor.type, data is None, 0 if scales is None else len(scales), steers

    def _packed(self, operators: Sequence[Any], inputs: Sequence[int], outputs: Sequence[int]) -> bytes:
        graph = copy.copy(self._graph)
        graph.operators, graph.inputs, graph.outputs = [copy.copy(one) for one in operators], inputs, outputs
        made, graphs = schema.ModelT(), [graph]
        for one in (one for graph in graphs for one in graph.operators):  # the list grows by those that are called
            self._take_along(one, graphs)
        used = {0} | {
            of.tensors[number].buffer
            for of in graphs
            for one in of.operators
            for number in (*one.inputs, *one.outputs)
            if number >= 0
        }
        buffers = [one if place in used else schema.BufferT() for place, one in enumerate(self._model.buffers)]
        made.version, made.subgraphs, made.buffers = VERSION, graphs, buffers
        made.operatorCodes = self._model.operatorCodes
        builder = flatbuffers.Builder(1024)
        builder.Finish(made.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    def _take_along(self, one: Any, graphs: list[Any]) -> None:
        """Append the subgraphs that an operator calls, and let it call them there."""
        names = [name for name in CALLS if hasattr(one.builtinOptions, name)]
        if names:
            one.builtinOptions = copy.copy(one.builtinOptions)
        for name in names:
            called = copy.copy(self._model.subgraphs[getattr(one.builtinOptions, name)])
            called.operators = [copy.copy(inside) for inside in called.operators]
            setattr(one.builtinOptions, name, len(graphs))
            graphs.append(called)


def activations(apart: Apart, feeds: Mapping[str, np.ndarray], *, outputs: bool = False) -> dict[int, np.ndarray]:
    """What goes into the operators in a real call, by the tensors' numbers: times may depend on it.

    With ``outputs``, also what comes out of them.
    """
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    reference = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES  # a delegate keeps what is between its operators
    found = Interpreter(
        model_content=apart.whole(), experimental_op_resolver_type=reference, experimental_preserve_all_tensors=True
    )
    found.allocate_tensors()
    for name, number in apart.inputs.items():
        found.set_tensor(number, feeds[name])
    found.invoke()
    needed = {number for one in apart.operators() for number in (*one.inputs, *(one.outputs if outputs else ()))}
    return {number: np.array(found.get_tensor(number)) for number in needed}


def opened(content: bytes) -> Any:
    """A model in LiteRT with XNNPACK, its default, and one thread, ready to be called."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    return interpreter


def empty() -> bytes:
    """A model of one sum of two numbers: what a call takes where next to nothing is done."""
    file = TfliteFile()
    graph = file.graph()
    x = graph.tensor((1, 1))
    y = graph.op("ADD", (x, graph.constant(np.ones((1, 1), np.float32))), (1, 1))
    file.sign(graph, "empty", {"x": x}, {"y": y})
    return file.content()
