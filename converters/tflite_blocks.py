"""Building blocks of graphs written operator by operator: what a line of torch is, as TFLite operators of one kind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from converters.errors import UnsupportedModel
from converters.graph_spec import Probability
from converters.tflite_graph import TfliteGraph

NONE = schema.ActivationFunctionType.NONE
TANH_GELU = ("gelu_new", "gelu_fast", "gelu_pytorch_tanh")
UNARY = {"relu": "RELU", "tanh": "TANH"}
"""Activations that are an operator without options, by their Hugging Face names."""


def arithmetic(graph: TfliteGraph, name: str, x: int, y: int) -> int:
    """ADD, SUB or MUL of two tensors that broadcast."""
    shape = np.broadcast_shapes(graph.shape(x), graph.shape(y))
    return graph.op(name, (x, y), shape, kind=name.capitalize(), fusedActivationFunction=NONE)


def cast(graph: TfliteGraph, x: int) -> int:
    """Integers to float32."""
    return graph.op("CAST", (x,), graph.shape(x))


def reshape(graph: TfliteGraph, x: int, shape: Sequence[int], dtype: type = np.float32) -> int:
    """The same numbers in another shape."""
    return graph.op("RESHAPE", (x, integers(graph, shape)), shape, dtype, newShape=list(shape))


def transpose(graph: TfliteGraph, x: int, order: Sequence[int]) -> int:
    """Axes in another order."""
    shape = graph.shape(x)
    return graph.op("TRANSPOSE", (x, integers(graph, order)), [shape[axis] for axis in order])


def rows(graph: TfliteGraph, x: int, count: int) -> int:
    """The first rows of [n, width]."""
    size = (count, graph.shape(x)[1])
    return graph.op("SLICE", (x, integers(graph, (0, 0)), integers(graph, size)), size)


def split(graph: TfliteGraph, x: int, count: int) -> list[int]:
    """Equal parts along the first axis."""
    first, *others = graph.shape(x)
    outputs = [graph.tensor((first // count, *others)) for _ in range(count)]
    graph.ops("SPLIT", (graph.constant(np.int32(0)), x), outputs, numSplits=count)
    return outputs


def reduce(graph: TfliteGraph, name: str, x: int, axis: int) -> int:
    """MEAN or SUM over an axis, which stays as one of size 1."""
    shape = list(graph.shape(x))
    shape[axis] = 1
    return graph.op(name, (x, integers(graph, (axis,))), shape, kind="Reducer", keepDims=True)


def one_hot(graph: TfliteGraph, x: int, depth: int) -> int:
    """1 at the place that an integer of [n] names, 0 elsewhere, float32 [n, depth]."""
    terms = (np.int32(depth), np.float32(1), np.float32(0))
    return graph.op("ONE_HOT", (x, *map(graph.constant, terms)), (*graph.shape(x), depth), kind="OneHot", axis=-1)


def dense(
    graph: TfliteGraph, x: int, weight: np.ndarray, bias: np.ndarray | None = None, activation: int = NONE
) -> int:
    """A linear layer on [n, in], weight [out, in]; a bias of zeros is none. ``activation`` is the schema's."""
    terms = (x, graph.constant(weight), -1 if bias is None or not bias.any() else graph.constant(bias))
    shape = (graph.shape(x)[0], len(weight))
    return graph.op("FULLY_CONNECTED", terms, shape, kind="FullyConnected", fusedActivationFunction=activation)


def matmul(graph: TfliteGraph, x: int, y: int, *, turned: bool = False) -> int:
    """Matrix product over leading axes; ``turned`` takes ``y`` [..., n, k] as its transpose."""
    shape = (*graph.shape(x)[:-1], graph.shape(y)[-2 if turned else -1])
    return graph.op("BATCH_MATMUL", (x, y), shape, kind="BatchMatMul", adjY=turned)


def softmax(graph: TfliteGraph, x: int) -> int:
    """Over the last axis."""
    return graph.op("SOFTMAX", (x,), graph.shape(x), beta=1.0)


def normalised(graph: TfliteGraph, x: int, eps: float) -> int:
    """Layer normalisation without weight and bias (Ba et al. 2016): (x - mean) / sqrt(variance + eps)."""
    centred = arithmetic(graph, "SUB", x, reduce(graph, "MEAN", x, -1))
    variance = reduce(graph, "MEAN", arithmetic(graph, "MUL", centred, centred), -1)
    floored = arithmetic(graph, "ADD", variance, graph.constant(np.array([eps], np.float32)))
    return arithmetic(graph, "MUL", centred, graph.op("RSQRT", (floored,), graph.shape(floored)))


def activated(graph: TfliteGraph, x: int, name: str) -> int:
    """An activation by its Hugging Face name.

    Raises:
        UnsupportedModel: for one that has no operators here.
    """
    shape = graph.shape(x)
    if name in ("gelu", "gelu_python", *TANH_GELU):
        return graph.op("GELU", (x,), shape, approximate=name in TANH_GELU)
    if name in ("silu", "swish"):
        return arithmetic(graph, "MUL", x, graph.op("LOGISTIC", (x,), shape))
    if name not in UNARY:
        raise UnsupportedModel(f"The activation '{name}' has no TFLite operators.")
    return graph.op(UNARY[name], (x,), shape)


def probabilities(graph: TfliteGraph, logits: int, name: Probability | None) -> int:
    """What `blocks.probabilities` makes of logits."""
    return graph.op("LOGISTIC", (logits,), graph.shape(logits)) if name == "sigmoid" else softmax(graph, logits)


def integers(graph: TfliteGraph, values: Sequence[int]) -> int:
    """A constant of shapes, axes or places."""
    return graph.constant(np.array(values, np.int32))
