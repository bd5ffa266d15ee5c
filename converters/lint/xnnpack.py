"""Which operators of a TFLite file XNNPACK takes, and into how many partitions that divides the rest.

The rules are those of the Visit functions of `tflite/delegates/xnnpack/xnnpack_delegate.cc`, and the division is that
of `PartitionGraphIntoIndependentNodeSubsets` in `tflite/graph_info.cc` (github.com/google-ai-edge/LiteRT, read in
August 2026), with the options of a plain interpreter. Image operators are left out: no text model has them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from converters.lint.graph import Graph, Operator, Value, counted
from converters.lint.inspection import Delegation

FLOATS = frozenset({"float32", "float16"})
BYTES = frozenset({"int8", "uint8"})
MOST_DIMENSIONS = 6


@dataclass(frozen=True)
class Rule:
    """What an operator must be like.

    Attributes:
        bytes: whether its tensors may be 8-bit, with one scale each; else floats only.
        static: places of inputs that must be constants.
        outputs: at most so many.
        inputs: at most so many tensors, those in ``static`` aside.
        options: that must have these values, where the file states them.
    """

    bytes: bool = False
    static: tuple[int, ...] = ()
    outputs: int = 1
    inputs: int = 2
    options: tuple[tuple[str, Any], ...] = ()


FLOAT, ANY = Rule(), Rule(bytes=True)
REDUCTION = Rule(bytes=True, static=(1,))
RULES = {
    **dict.fromkeys(
        ("ABS", "CEIL", "COS", "ELU", "EXP", "FLOOR", "GELU", "HARD_SWISH", "LOG", "NEG", "RELU", "RELU6",
         "RELU_N1_TO_1", "ROUND", "RSQRT", "SIN", "SQRT", "SQUARE", "DIV", "MAXIMUM", "MINIMUM",
         "SQUARED_DIFFERENCE"), FLOAT,
    ),
    **dict.fromkeys(("ADD", "MUL", "SUB", "LOGISTIC", "TANH", "LEAKY_RELU", "QUANTIZE", "DEQUANTIZE"), ANY),
    **dict.fromkeys(("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "RESHAPE", "TRANSPOSE", "PAD"), REDUCTION),
    "PRELU": Rule(static=(1,)),
    "SOFTMAX": Rule(options=(("beta", 1.0),)),
    "CONCATENATION": Rule(bytes=True, inputs=5),
    "SLICE": Rule(bytes=True, static=(1, 2)),
    "SPLIT": Rule(bytes=True, static=(0,), outputs=4),
    "STRIDED_SLICE": Rule(
        bytes=True, static=(1, 2, 3), options=(("ellipsisMask", 0), ("newAxisMask", 0), ("shrinkAxisMask", 0)),
    ),
}  # fmt: skip
"""Of all operators but FULLY_CONNECTED and BATCH_MATMUL."""
LIMITS = {"ADD": (2**-10, 2**8), "SUB": (2**-10, 2**8), "MUL": (2**-16, 2**8)}
"""What an 8-bit input's scale (of MUL, the product of both) may be of the output's: from, and below."""


def delegation(graph: Graph) -> Delegation:
    """How a function is divided."""
    taken = delegated(graph)
    left = [operator.kind for operator, inside in zip(graph.operators, taken, strict=True) if not inside]
    return Delegation(len(graph.operators), partitions(graph, taken), counted(left))


def delegated(graph: Graph) -> list[bool]:
    """Whether XNNPACK takes each operator."""
    unpacked = {id(operator) for operator in graph.operators if _unpacks(graph, operator)}
    weights = {key for operator in graph.operators if id(operator) in unpacked for key in operator.outputs}
    taken = {id(operator): _takes(graph, operator, weights) for operator in graph.operators}
    for operator in graph.operators:
        if id(operator) in unpacked:  # once, at load, if nothing else needs the floats
            taken[id(operator)] = all(taken[id(reader)] for reader in graph.readers.get(operator.outputs[0], ()))
    return [taken[id(operator)] for operator in graph.operators]


def partitions(graph: Graph, taken: list[bool]) -> int:
    """How many parts XNNPACK gets.

    A part grows by every operator of its side whose inputs are ready, before the other side has its turn.

    Raises:
        IndexError: if the graph cannot be run.
    """
    ready = set(graph.values).difference(graph.producers) | {None}
    waiting, count = list(zip(graph.operators, taken, strict=True)), 0
    while waiting:
        side = next((inside for operator, inside in waiting if ready.issuperset(operator.inputs)), None)
        if side is None:
            raise IndexError("operators wait for one another, or for tensors that are not there")
        count += side
        grown = True
        while grown:
            grown, left = False, []
            for operator, inside in waiting:
                if inside == side and ready.issuperset(operator.inputs):
                    ready.update(operator.outputs)
                    grown = True
                else:
                    left.append((operator, inside))
            waiting = left
    return count


def _unpacks(graph: Graph, operator: Operator) -> bool:
    """Whether an operator turns constant weights into float32, which XNNPACK does at load."""
    if operator.kind != "DEQUANTIZE":
        return False
    value = graph.values[operator.inputs[0]]
    return value.constant and value.dtype in ("float16", "int8")


def _takes(graph: Graph, operator: Operator, weights: set[Any]) -> bool:
    if operator.kind == "FULLY_CONNECTED":
        return _takes_dense(graph, operator, weights)
    if operator.kind == "BATCH_MATMUL":
        return _takes_product(graph, operator)
    rule = RULES.get(operator.kind)
    if rule is None or len(operator.outputs) > rule.outputs:
        return False
    if any(operator.options.get(name, value) != value for name, value in rule.options):
        return False
    static = [operator.inputs[place] for place in rule.static if place < len(operator.inputs)]
    moving = [key for key in operator.inputs if key is not None and key not in static]
    if len(moving) > rule.inputs or not all(graph.values[key].constant or key in weights for key in static):
        return False
    if operator.kind == "STRIDED_SLICE" and set(graph.numbers(operator.inputs[3]) or ()) != {1}:
        return False
    if operator.kind == "SLICE" and min(graph.numbers(operator.inputs[2]) or (0,)) <= 0:
        return False
    values = [graph.values[key] for key in (*moving, *operator.outputs)]
    alike = operator.kind not in LIMITS or len({value.dtype for value in values}) == 1
    return alike and all(_fits(value, rule.bytes) for value in values) and _scales_fit(operator.kind, values)


def _takes_dense(graph: Graph, operator: Operator, weights: set[Any]) -> bool:
    """FULLY_CONNECTED: floats, all 8-bit, or floats with constant 8-bit or 4-bit weights, scaled at run time."""
    x, weight, y = (graph.values[key] for key in (*operator.inputs[:2], operator.outputs[0]))
    shape = weight.shape or ()
    if len(shape) != 2 or operator.options.get("weightsFormat", 0):
        return False
    still = weight.constant or operator.inputs[1] in weights
    small = still and weight.dtype in ("int8", "int4", "int2") and not (weight.dtype == "int4" and int(shape[1]) % 2)
    same = x.dtype == weight.dtype and (still or weight.dtype == "float32")
    return _fits(x) and _fits(y) and x.dtype == y.dtype and (same or (small and x.dtype != "uint8"))


def _takes_product(graph: Graph, operator: Operator) -> bool:
    """BATCH_MATMUL: both sides alike, or floats by 8-bit numbers."""
    a, b, y = (graph.values[key] for key in (*operator.inputs[:2], operator.outputs[0]))
    mixed = a.dtype == "float32" and b.dtype == "int8"
    alike = a.dtype == b.dtype and (b.dtype != "int8" or not b.zero_point)
    return (mixed or alike) and _fits(a) and _fits(y) and b.dtype in FLOATS | BYTES


def _scales_fit(kind: str, values: list[Value]) -> bool:
    """Whether the scales of 8-bit tensors, the output's last, can be brought together."""
    *inputs, output = values
    if output.dtype not in BYTES:
        return True
    if kind == "RESHAPE":
        return (inputs[0].scale, inputs[0].zero_point) == (output.scale, output.zero_point)
    if kind not in LIMITS:
        return True
    scales = [value.scale or 0.0 for value in inputs]
    low, high = LIMITS[kind]
    return all(
        low <= scale / (output.scale or 1.0) < high for scale in ([math.prod(scales)] if kind == "MUL" else scales)
    )


def _fits(value: Value, bytes: bool = True) -> bool:
    """Whether a tensor is a float, or an 8-bit one with a single scale, of few enough dimensions."""
    right = value.dtype in FLOATS or (bytes and value.dtype in BYTES and value.scales == 1)
    return right and len(value.shape or ()) <= MOST_DIMENSIONS


def outside(graphs: Iterable[Delegation]) -> dict[str, int]:
    """Operators outside XNNPACK in several functions together."""
    return counted(kind for graph in graphs for kind, count in graph.outside.items() for _ in range(count))
