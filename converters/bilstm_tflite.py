"""A BiLSTM classifier as a TFLite file around the runtime's own LSTM operator: some thirty operators at any length.

The operator keeps its state from one call to the next. So the text begins with one more step, which no word takes:
a column of its own, 0 at every word, closes the input and the forget gate there, which leaves a state of zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from converters.artefact import Entry
from converters.graph_spec import GraphSpec
from converters.tflite_graph import TfliteFile, TfliteGraph

if TYPE_CHECKING:
    from converters.lean_bilstm import BiLstmWeights, Direction

CLOSED = 1e5
"""What the extra column holds at the first step. Its weight is the gate's largest, negative, so that an int8 form of
the gate keeps its scale; the gate is then closed by 1e5 times that."""

GATES = 4
"""Input, forget, cell, output, in torch's order and TFLite's."""


def write(weights: BiLstmWeights, spec: GraphSpec, entries: Sequence[Entry]) -> bytes:
    """The file's bytes: a signature for each entry, batch 1, inputs and output as ``spec`` names them."""
    file = TfliteFile()
    for entry in entries:
        assert entry.signature and entry.length
        _add(file, weights, spec, entry.signature, entry.length)
    return file.content()


def _add(file: TfliteFile, weights: BiLstmWeights, spec: GraphSpec, signature: str, length: int) -> None:
    graph = TfliteGraph(file)
    inputs = {name: graph.tensor((1, length), np.int32) for name in spec.inputs}
    ids, mask = inputs["input_ids"], inputs["attention_mask"]
    total = _count(graph, mask)
    turned = _reversed(graph, ids, total, length)
    ahead, back, ends, texts = ids, turned, total, 1
    if weights.siamese:
        second = _count(graph, graph.op("MUL", (mask, inputs["token_type_ids"]), (1, length), np.int32))
        first = graph.op("SUB", (total, second), (1,), np.int32, kind="Sub")
        texts = 2
        ahead = _rows(graph, ids, _reversed(graph, turned, second, length), length)
        back = _rows(graph, _reversed(graph, ids, first, length), turned, length)
        ends = graph.op("CONCATENATION", (first, second), (2,), np.int32, axis=0)
    word = graph.constant(weights.word.numpy())
    last = graph.op("ONE_HOT", _one_hot(graph, ends, length), (texts, length + 1), kind="OneHot", axis=-1)
    last = _reshape(graph, last, (texts, 1, length + 1))
    states = []
    for direction, tokens in ((weights.forward, ahead), (weights.backward, back)):
        vectors = _embedded(graph, word, tokens, (texts, length, weights.word.shape[1]))
        run = _lstm(graph, direction, vectors, (texts, length + 1))
        width = direction.recurrent.shape[1]
        states.append(graph.op("BATCH_MATMUL", (last, run), (texts, 1, width), kind="BatchMatMul"))
    features = graph.op("CONCATENATION", states, (texts, 1, 2 * width), axis=2)
    features = _pair_features(graph, features, 2 * width) if weights.siamese else features
    hidden = _dense(graph, features, weights, 0, schema.ActivationFunctionType.RELU)
    result = _dense(graph, hidden, weights, 1, schema.ActivationFunctionType.NONE)
    if spec.output == "probabilities":
        result = _probabilities(graph, result, spec)
    file.add(graph, signature, inputs, {spec.output: result})


def _probabilities(graph: TfliteGraph, logits: int, spec: GraphSpec) -> int:
    shape = (1, spec.num_labels)
    if spec.probability == "sigmoid":
        return graph.op("LOGISTIC", (logits,), shape)
    return graph.op("SOFTMAX", (logits,), shape, beta=1.0)


def _count(graph: TfliteGraph, ones: int) -> int:
    axis = graph.constant(np.array([1], np.int32))
    return graph.op("SUM", (ones, axis), (1,), np.int32, kind="Reducer", keepDims=False)


def _reversed(graph: TfliteGraph, tokens: int, count: int, length: int) -> int:
    """The first ``count`` of ``tokens`` in reverse, the rest as it is."""
    return graph.op("REVERSE_SEQUENCE", (tokens, count), (1, length), np.int32, seqDim=1, batchDim=0)


def _rows(graph: TfliteGraph, first: int, second: int, length: int) -> int:
    return graph.op("CONCATENATION", (first, second), (2, length), np.int32, axis=0)


def _reshape(graph: TfliteGraph, tensor: int, shape: tuple[int, ...], dtype: type = np.float32) -> int:
    return graph.op("RESHAPE", (tensor, graph.constant(np.array(shape, np.int32))), shape, dtype, newShape=list(shape))


def _one_hot(graph: TfliteGraph, ends: int, length: int) -> tuple[int, ...]:
    """A text of n tokens ends at step n; an empty one at the step that closes the gates, whose state is zero."""
    depth = graph.constant(np.array(length + 1, np.int32))
    return ends, depth, graph.constant(np.array(1, np.float32)), graph.constant(np.array(0, np.float32))


def _embedded(graph: TfliteGraph, word: int, tokens: int, shape: tuple[int, int, int]) -> int:
    """Word vectors [texts, 1 + length, e + 1], with the first step and the column that closes the gates."""
    texts, length, width = shape
    flat = _reshape(graph, tokens, (texts * length,), np.int32)
    vectors = graph.op("EMBEDDING_LOOKUP", (flat, word), (texts * length, width))
    vectors = _reshape(graph, vectors, shape)
    column = graph.constant(np.array([[0, 0], [0, 0], [0, 1]], np.int32))
    vectors = graph.op("PAD", (vectors, column), (texts, length, width + 1), kind="Pad")
    closing = np.zeros((texts, 1, width + 1), np.float32)
    closing[..., -1] = CLOSED
    return graph.op("CONCATENATION", (graph.constant(closing), vectors), (texts, length + 1, width + 1), axis=1)


def _lstm(graph: TfliteGraph, weights: Direction, vectors: int, shape: tuple[int, int]) -> int:
    """All states [texts, steps, h]; the operator takes each gate's weights apart."""
    hidden = weights.recurrent.shape[1]
    inputs, recurrent, bias = (
        value.numpy().reshape(GATES, hidden, *value.shape[1:])
        for value in (weights.inputs, weights.recurrent, weights.bias)
    )
    closing = np.zeros((GATES, hidden, 1), np.float32)
    for gate in (0, 1):
        closing[gate] = -np.abs(inputs[gate]).max()
    inputs = np.concatenate([inputs, closing], axis=2)
    gates = [[graph.constant(gate) for gate in kind] for kind in (inputs, recurrent, bias)]
    state, cell = (graph.tensor((shape[0], hidden), variable=True) for _ in range(2))
    none = -1  # peepholes, projection, layer normalisation
    return graph.op(
        "UNIDIRECTIONAL_SEQUENCE_LSTM",
        [vectors, *gates[0], *gates[1], none, none, none, *gates[2], none, none, state, cell, none, none, none, none],
        (*shape, hidden), kind="UnidirectionalSequenceLSTM",
        fusedActivationFunction=schema.ActivationFunctionType.TANH, timeMajor=False,
    )  # fmt: skip


def _pair_features(graph: TfliteGraph, states: int, width: int) -> int:
    """[a; b; |a - b|; a * b] of the states [2, 1, width]."""
    size = graph.constant(np.array([1, 1, width], np.int32))
    one, other = (
        graph.op("SLICE", (states, graph.constant(np.array([row, 0, 0], np.int32)), size), (1, 1, width))
        for row in (0, 1)
    )
    gap = graph.op("ABS", (graph.op("SUB", (one, other), (1, 1, width), kind="Sub"),), (1, 1, width))
    product = graph.op("MUL", (one, other), (1, 1, width), kind="Mul")
    return graph.op("CONCATENATION", (one, other, gap, product), (1, 1, 4 * width), axis=2)


def _dense(graph: TfliteGraph, tensor: int, weights: BiLstmWeights, which: int, activation: int) -> int:
    dense = weights.head[which]
    parts = (tensor, graph.constant(dense.weight.numpy()), graph.constant(dense.bias.numpy()))
    shape = (1, dense.weight.shape[0])
    return graph.op("FULLY_CONNECTED", parts, shape, kind="FullyConnected", fusedActivationFunction=activation)
