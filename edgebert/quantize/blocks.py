"""The parts of a model that can be left in float32: what each is called, its operators, the bytes of its weights.

Exporters name operators after the torch modules they come from. A block is the first module below a numbered layer
("layers.0/attention", "layers.0/up"), or a module by itself ("word"): any architecture falls apart along its own names.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from converters.graph_spec import Format

MOST = 40
"""With more blocks than this, a whole numbered layer is one: the search tries each."""

ONNX_WEIGHTS = {"MatMul": 1, "Gemm": 1, "Gather": 0, "LSTM": 1}
"""Operators with weights worth quantising, and which of their inputs has them."""

TFLITE_WEIGHTS = {"FULLY_CONNECTED": 1, "EMBEDDING_LOOKUP": 1}

NUMBERED = re.compile(r"[^/]*\.\d+")


@dataclass(frozen=True)
class Operator:
    """An operator with weights.

    Attributes:
        name: as the quantiser of its format calls it.
        module: path of the torch module it comes from.
        bytes: of its float32 weights; 0 where an operator before it has the same ones.
    """

    name: str
    module: str
    bytes: int


@dataclass(frozen=True)
class Product:
    """A matrix product of a TFLite file with weights.

    Attributes:
        module: path of the torch module it comes from.
        places: of the tensors that it reads and writes, in its function.
        names: of the same two.
    """

    module: str
    places: tuple[int, int]
    names: tuple[str, str]


@dataclass(frozen=True)
class Block:
    """Operators that are quantised, or left in float32, together; ``bytes`` of their float32 weights."""

    operators: tuple[str, ...]
    bytes: int


def blocks(path: Path, format: Format) -> dict[str, Block]:
    """The blocks of a float32 file, by name, in the order in which they are computed."""
    found = operators(path, format)
    for depth in (1, 0):
        named: dict[str, list[Operator]] = {}
        for operator in found:
            named.setdefault(block_name(operator.module, depth), []).append(operator)
        if len(named) <= MOST:
            break
    return {
        name: Block(tuple(operator.name for operator in inside), sum(operator.bytes for operator in inside))
        for name, inside in named.items()
    }


def block_name(module: str, depth: int) -> str:
    """The block of a module: from its first numbered part on, ``depth`` parts more; the module where none has one."""
    parts = module.split("/")
    first = next((place for place, part in enumerate(parts) if NUMBERED.fullmatch(part)), None)
    return module if first is None else "/".join(parts[first : first + 1 + depth])


def operators(path: Path, format: Format) -> list[Operator]:
    """The operators of a float32 file that have weights worth quantising, in the order they are computed in."""
    return [operator for function in _functions(path, format) for operator in function]


def last_operators(path: Path, format: Format) -> list[str]:
    """Names of those that the outputs come from: the last of each function that can be called from outside."""
    functions = _functions(path, format)
    if format == "tflite":
        from ai_edge_quantizer.utils import tfl_flatbuffer_utils as flatbuffers

        functions = [functions[found.subgraphIndex] for found in flatbuffers.read_model(path).signatureDefs]
    return [function[-1].name for function in functions]


def _functions(path: Path, format: Format) -> list[list[Operator]]:
    return [_onnx(path)] if format == "onnx" else _tflite(path)


def _onnx(path: Path) -> list[Operator]:
    import onnx

    graph = onnx.load(path, load_external_data=False).graph
    sizes = {w.name: w.ByteSize() for w in graph.initializer if w.data_type == onnx.TensorProto.FLOAT}
    found, counted = [], set()
    for node in graph.node:
        place = ONNX_WEIGHTS.get(node.op_type)
        if place is not None and (weight := node.input[place]) in sizes:
            module = node.name.strip("/").rpartition("/")[0] or node.op_type.lower()
            found.append(Operator(node.name, module, 0 if weight in counted else sizes[weight]))
            counted.add(weight)
    return found


def _tflite(path: Path) -> list[list[Operator]]:
    from ai_edge_quantizer.utils import tfl_flatbuffer_utils as flatbuffers

    model = flatbuffers.read_model(path)
    functions, counted = [], set()
    for graph in model.subgraphs:
        found: list[Operator] = []
        functions.append(found)
        for operator, kind in _tflite_operators(model, graph):
            weight = graph.tensors[operator.inputs[TFLITE_WEIGHTS[kind]]]
            name = flatbuffers.get_op_scope(operator, graph.tensors)
            size = 0 if weight.buffer in counted else 4 * math.prod(int(length) for length in weight.shape)
            found.append(Operator(name, tflite_module(name), size))
            counted.add(weight.buffer)
    return functions


def tflite_products(path: Path) -> list[list[Product]]:
    """The products with weights of each function of a TFLite file, in the order they are computed in."""
    from ai_edge_quantizer.utils import tfl_flatbuffer_utils as flatbuffers

    model = flatbuffers.read_model(path)
    return [
        [
            Product(
                module=tflite_module(flatbuffers.get_op_scope(operator, graph.tensors)),
                places=(read := int(operator.inputs[0]), written := int(operator.outputs[0])),
                names=(graph.tensors[read].name.decode(), graph.tensors[written].name.decode()),
            )
            for operator, kind in _tflite_operators(model, graph)
            if kind == "FULLY_CONNECTED"
        ]
        for graph in model.subgraphs
    ]


def _tflite_operators(model: Any, graph: Any) -> Iterator[tuple[Any, str]]:
    """Those of a graph that have weights worth quantising, and their kinds, as the flat buffer has them."""
    from ai_edge_quantizer.utils import tfl_flatbuffer_utils as flatbuffers

    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex].builtinCode
        kind = getattr(flatbuffers.TFL_OP_CODE_TO_NAME.get(code), "value", "")
        if kind in TFLITE_WEIGHTS:
            yield operator, kind


def tflite_module(scope: str) -> str:
    """The torch module that a TFLite operator comes from.

    Args:
        scope: names of its outputs: paths of modules as "package.Class_name", ";" between what was merged.

    Returns:
        Path of names; a numbered module goes by its class: "layer.0/attention/linear_q" for
        ".../blocks.Layer_0/...Attention_attention/...Linear_q;1".
    """
    parts = []
    for part in scope.split(";")[0].split("/"):
        kind, _, name = part.rpartition(".")[2].partition("_")
        if name and name != "module" and kind:
            parts.append(f"{kind.lower()}.{name}" if name.isdigit() else name)
    return "/".join(parts) or "output"
