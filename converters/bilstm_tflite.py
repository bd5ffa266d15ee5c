"""A BiLSTM classifier as a TFLite file: a loop over the tokens that are there, both directions side by side.

What the word vectors give to the gates needs no state: one matrix product makes it for all tokens before the loop
(Appleyard et al. 2016). A step takes its two rows of that product, one from the text's begin on, one from its end, and
adds what the states give. There are as many steps as tokens: padding costs nothing, whatever the file's length, and an
empty text keeps the zeros it begins with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from converters import tflite_blocks as blocks
from converters.artefact import Entry
from converters.graph_spec import GraphSpec
from converters.tflite_graph import TfliteFile, TfliteGraph

if TYPE_CHECKING:
    from converters.lean_bilstm import BiLstmWeights

WAYS = 2
"""Forward and backward."""

GATES = 4
"""Input, forget, cell, output, in torch's order."""


def write(weights: BiLstmWeights, spec: GraphSpec, entries: Sequence[Entry]) -> bytes:
    """The file's bytes: a signature for each entry, batch 1, inputs and output as ``spec`` names them."""
    file = TfliteFile()
    for graph, entry in [(file.graph(), entry) for entry in entries]:  # those with a signature come first in the file
        assert entry.signature and entry.length
        inputs = {name: graph.tensor((1, entry.length), np.int32) for name in spec.inputs}
        result = _logits(file, graph, weights, inputs, entry.length)
        if spec.output == "probabilities":
            result = blocks.probabilities(graph, result, spec.probability)
        file.sign(graph, entry.signature, inputs, {spec.output: result})
    return file.content()


def states(
    file: TfliteFile, graph: TfliteGraph, weights: BiLstmWeights, inputs: Mapping[str, int], length: int
) -> list[int]:
    """Add the LSTM to a graph: the last states [1, 2 h] of the text, or of each text of a pair.

    Args:
        file: of the graph; the loop's subgraphs go there.
        graph: where the inputs are.
        weights: its head is not looked at.
        inputs: int32 [1, length]: "input_ids", "attention_mask", and of a pair "token_type_ids".
        length: tokens.
    """
    mask = inputs["attention_mask"]
    begin, end = blocks.integers(graph, (0,)), _count(graph, mask)
    texts = [(begin, end)]
    if weights.siamese:
        second = _count(graph, graph.op("MUL", (mask, inputs["token_type_ids"]), (1, length), np.int32))
        middle = graph.op("SUB", (end, second), (1,), np.int32, kind="Sub")
        texts = [(begin, middle), (middle, end)]
    gates = _gates(graph, weights, inputs["input_ids"], length)
    loop = {"condSubgraphIndex": _condition(file, weights, length), "bodySubgraphIndex": _body(file, weights, length)}
    return [_states(graph, weights, gates, length, text, loop) for text in texts]


def _logits(file: TfliteFile, graph: TfliteGraph, weights: BiLstmWeights, inputs: dict[str, int], length: int) -> int:
    found = states(file, graph, weights, inputs, length)
    features = _pair_features(graph, *found) if weights.siamese else found[0]
    hidden = _dense(graph, features, weights, 0, schema.ActivationFunctionType.RELU)
    return _dense(graph, hidden, weights, 1, schema.ActivationFunctionType.NONE)


def _gates(graph: TfliteGraph, weights: BiLstmWeights, ids: int, length: int) -> int:
    """W x + b of all words [2 length, 4 h]: row 2 n for the forward direction at word n, the next for the backward."""
    ways = (weights.forward, weights.backward)
    matrix, bias = (np.concatenate([getattr(way, kind).numpy() for way in ways]) for kind in ("inputs", "bias"))
    flat = blocks.reshape(graph, ids, (length,), np.int32)
    table = graph.constant(weights.word.numpy())
    graph.scope = "Embedding_word"
    words = graph.op("EMBEDDING_LOOKUP", (flat, table), (length, matrix.shape[1]))
    graph.scope = "Linear_gates"
    gates = blocks.dense(graph, words, matrix, bias)
    return blocks.reshape(graph, gates, (WAYS * length, matrix.shape[0] // WAYS))


def _carried(graph: TfliteGraph, weights: BiLstmWeights, length: int) -> list[int]:
    """What a step is given: its two rows, the first row beyond the text, the gates, the states and the cells."""
    h = weights.forward.recurrent.shape[1]
    integers = [graph.tensor((size,), np.int32) for size in (WAYS, 1)]
    return integers + [graph.tensor(shape) for shape in ((WAYS * length, GATES * h), (WAYS, h), (WAYS, h))]


def _condition(file: TfliteFile, weights: BiLstmWeights, length: int) -> int:
    """Whether the forward direction is still inside the text."""
    graph = file.graph()
    rows, beyond, *rest = _carried(graph, weights, length)
    row = graph.op("SLICE", (rows, blocks.integers(graph, (0,)), blocks.integers(graph, (1,))), (1,), np.int32)
    inside = graph.op("LESS", (row, beyond), (1,), np.bool_, kind="Less")
    graph.finish([rows, beyond, *rest], [inside])
    return graph.place


def _body(file: TfliteFile, weights: BiLstmWeights, length: int) -> int:
    """A step: c' = f c + i g and h' = o tanh(c').

    The gates i, f and o are logistic, g is tanh, of their quarters of W x + b + R h.
    """
    graph, wide = file.graph(), GATES * weights.forward.recurrent.shape[1]
    one = (WAYS, wide // GATES)
    rows, beyond, gates, state, cell = given = _carried(graph, weights, length)
    before = _split(graph, state, 0, WAYS, (1, one[1]))
    turns = []
    for x, way, name in zip(before, (weights.forward, weights.backward), ("forward", "backward"), strict=True):
        graph.scope = f"Linear_{name}"
        turns.append(blocks.dense(graph, x, way.recurrent.numpy()))
    recurrent = graph.op("CONCATENATION", turns, (WAYS, wide), axis=0)
    words = graph.op("GATHER", (gates, rows), (WAYS, wide), axis=0)
    parts = _split(graph, blocks.arithmetic(graph, "ADD", words, recurrent), 1, GATES, one)
    kinds = ("LOGISTIC", "LOGISTIC", "TANH", "LOGISTIC")
    i, f, g, o = (graph.op(kind, (part,), one) for kind, part in zip(kinds, parts, strict=True))
    kept, new = blocks.arithmetic(graph, "MUL", f, cell), blocks.arithmetic(graph, "MUL", i, g)
    cell = blocks.arithmetic(graph, "ADD", kept, new)
    state = blocks.arithmetic(graph, "MUL", o, graph.op("TANH", (cell,), one))
    onwards = graph.op("ADD", (rows, blocks.integers(graph, (WAYS, -WAYS))), (WAYS,), np.int32, kind="Add")
    # What goes out as it came in is not copied from step to step.
    graph.finish(given, [onwards, beyond, gates, state, cell])
    return graph.place


def _states(
    graph: TfliteGraph, weights: BiLstmWeights, gates: int, length: int, text: tuple[int, int], loop: dict[str, Any]
) -> int:
    """The last states of both directions [1, 2 h] of the text from one place to another."""
    begin, end = (graph.op("MUL", (x, blocks.integers(graph, (WAYS,))), (1,), np.int32, kind="Mul") for x in text)
    last = graph.op("SUB", (end, blocks.integers(graph, (1,))), (1,), np.int32, kind="Sub")
    rows = graph.op("CONCATENATION", (begin, last), (WAYS,), np.int32, axis=0)
    h = weights.forward.recurrent.shape[1]
    zeros = graph.constant(np.zeros((WAYS, h), np.float32))
    out = _carried(graph, weights, length)
    graph.ops("WHILE", (rows, end, gates, zeros, zeros), out, **loop)
    return blocks.reshape(graph, out[3], (1, WAYS * h))


def _pair_features(graph: TfliteGraph, one: int, other: int) -> int:
    """The features of texts a and b: [a; b; |a - b|; a * b]."""
    shape = graph.shape(one)
    gap = graph.op("ABS", (blocks.arithmetic(graph, "SUB", one, other),), shape)
    product = blocks.arithmetic(graph, "MUL", one, other)
    return graph.op("CONCATENATION", (one, other, gap, product), (1, 4 * shape[1]), axis=1)


def _dense(graph: TfliteGraph, tensor: int, weights: BiLstmWeights, which: int, activation: int) -> int:
    dense, graph.scope = weights.head[which], f"Linear_head{which}"
    return blocks.dense(graph, tensor, dense.weight.numpy(), dense.bias.numpy(), activation)


def _split(graph: TfliteGraph, tensor: int, axis: int, count: int, shape: tuple[int, int]) -> list[int]:
    parts = [graph.tensor(shape) for _ in range(count)]
    graph.ops("SPLIT", (graph.constant(np.array(axis, np.int32)), tensor), parts, numSplits=count)
    return parts


def _count(graph: TfliteGraph, ones: int) -> int:
    return graph.op("SUM", (ones, blocks.integers(graph, (1,))), (1,), np.int32, kind="Reducer", keepDims=False)
