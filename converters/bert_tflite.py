"""A BERT-like classifier as a TFLite file: what `LeanBert` computes, one text at a time, tokens in rows.

Written operator by operator: a second in place of the half minute that a compiler takes for the same operators, and
signatures of several lengths share every weight.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from converters import tflite_blocks as blocks
from converters.artefact import Entry
from converters.blocks import MASKED, own, turned, without_biases
from converters.cutting import fits, parts
from converters.encoder_weights import Dense, EncoderWeights, LayerWeights, Norm
from converters.graph_spec import GraphSpec
from converters.reductions import Reductions
from converters.tflite_graph import TfliteFile, TfliteGraph

FLOAT = 4
"""Bytes of a float32."""


def write(
    weights: EncoderWeights, spec: GraphSpec, entries: Sequence[Entry], reductions: Reductions, *, to_8_bits: bool
) -> bytes:
    """The file's bytes: a signature for each entry, batch 1, inputs and output as ``spec`` names them.

    ``to_8_bits``: for a quantiser. What suits float32 weights, and what suits those of a byte, differs:
    see `Reductions.cut` and `Reductions.joined`.
    """
    file = TfliteFile()
    for entry in entries:
        assert entry.signature and entry.length
        graph = file.graph()
        inputs = {name: graph.tensor((1, entry.length), np.int32) for name in spec.inputs}
        logits = _Classifier(graph, weights, reductions, to_8_bits).logits(inputs, entry.length)
        if spec.output == "probabilities":
            logits = blocks.probabilities(graph, logits, spec.probability)
        file.sign(graph, entry.signature, inputs, {spec.output: logits})
    return file.content()


class _Rows(NamedTuple):
    """Rows [n, width], and the weight and bias that their normalisation still lacks: who reads them folds these in."""

    tensor: int
    norm: Norm | None = None


class _Classifier:
    """Writes one signature."""

    def __init__(self, graph: TfliteGraph, weights: EncoderWeights, reductions: Reductions, to_8_bits: bool) -> None:
        self.graph, self.weights, self.reductions = graph, weights, reductions
        self.cuts = reductions.cut and not to_8_bits
        self.joins = reductions.joined and to_8_bits and fits(3 * weights.width**2, bytes_each=1)

    def logits(self, inputs: dict[str, int], length: int) -> int:
        mask = self._additive_mask(inputs["attention_mask"])
        x = self._embedded(inputs, length)
        *before, last = (without_biases(w) if self.reductions.biases else w for w in self.weights.layers)
        for index, layer in enumerate(before):
            x = self._layer(f"Layer_{index}", layer, x, x, mask)
        rows = self._first(x) if self.reductions.first_row else x
        x = self._layer(f"Layer_{len(before)}", last, rows, x, mask)
        x = x if self.reductions.first_row else self._first(x)
        for index, step in enumerate(self.weights.head):
            found = self._dense(f"Sequential_head/Linear_{2 * index}", x, step.dense)
            x = _Rows(blocks.activated(self.graph, found, step.activation) if step.activation else found)
        return x.tensor

    def _embedded(self, inputs: dict[str, int], length: int) -> _Rows:
        graph, weights, position = self.graph, self.weights, self.weights.position[:length]
        ids = blocks.reshape(graph, inputs["input_ids"], (length,), np.int32)
        graph.scope = "Embedding_word"
        x = graph.op("EMBEDDING_LOOKUP", (ids, self._constant(weights.word)), (length, weights.word.shape[1]))
        if weights.token_type is not None and "token_type_ids" in inputs:
            types = blocks.reshape(graph, inputs["token_type_ids"], (length,), np.int32)
            x = self._sum(x, self._type_vectors(types, weights.token_type))
        elif weights.token_type is not None:
            position = position + weights.token_type[0]
        rows = self._normalised("LayerNorm_embed_norm", self._sum(x, self._constant(position)), weights.embed_norm)
        return _Rows(self._dense("Linear_projection", rows, weights.projection)) if weights.projection else rows

    def _type_vectors(self, types: int, table: Tensor) -> int:
        """Rows of a table of two or so, by a matrix product: int8 forms of a lookup take longer."""
        hot = blocks.one_hot(self.graph, types, len(table))
        return self._dense("Embedding_token_type", _Rows(hot), turned(table))

    def _layer(self, scope: str, layer: LayerWeights, rows: _Rows, x: _Rows, mask: int) -> _Rows:
        """See `blocks.Layer`; ``rows`` are ``x``, or its first row."""
        one = self.graph.shape(rows.tensor)[0] == 1
        attention = self._absorbed if one and self.reductions.absorbed else self._attention
        found = attention(f"{scope}/Attention_attention", layer, rows, x, mask)
        total = self._residual(f"{scope}/Attention_attention/Linear_o", rows, found)
        rows = self._normalised(f"{scope}/LayerNorm_attn_norm", total, layer.attn_norm)
        total = self._residual(f"{scope}/Linear_down", rows, self._ffn(scope, layer, rows))
        return self._normalised(f"{scope}/LayerNorm_out_norm", total, layer.out_norm)

    def _ffn(self, scope: str, layer: LayerWeights, rows: _Rows) -> Iterable[tuple[int, Dense]]:
        """Hidden units, some at a time, and what projects them: W_d f(W_u x) = sum_i W_d[:, i] f(W_u[i] x)."""
        for units in self._cut(len(layer.up.bias), rows):
            wide = self._dense(f"{scope}/Linear_up", rows, layer.up.rows(units))
            yield blocks.activated(self.graph, wide, self.weights.activation), layer.down.columns(units)

    def _attention(
        self, scope: str, layer: LayerWeights, rows: _Rows, x: _Rows, mask: int
    ) -> Iterable[tuple[int, Dense]]:
        """What the output projection reads, some heads at a time, and that projection; see `blocks.Attention`."""
        graph, queries = self.graph, self._scaled(layer.q)
        for units in self._cut(len(queries.bias), rows, self.weights.heads):
            q, k, v = (dense.rows(units) for dense in (queries, layer.k, layer.v))
            if self.joins and rows is x:
                heads = self._joined(f"{scope}/Linear_qkv", x, (q, k, v))
            else:
                read = (("q", rows, q), ("k", x, k), ("v", x, v))
                heads = [self._split(self._dense(f"{scope}/Linear_{name}", of, dense)) for name, of, dense in read]
            scores = self._sum(blocks.matmul(graph, heads[0], heads[1], turned=True), mask)
            context = blocks.transpose(graph, blocks.matmul(graph, blocks.softmax(graph, scores), heads[2]), (1, 0, 2))
            shape = (graph.shape(rows.tensor)[0], len(units))
            yield blocks.reshape(graph, context, shape), layer.o.columns(units)

    def _joined(self, scope: str, x: _Rows, dense: Sequence[Dense]) -> list[int]:
        """Queries, keys and values by heads, of one product: what it reads is quantised once."""
        weight, bias = (torch.cat([getattr(one, name) for one in dense]) for name in ("weight", "bias"))
        split = self._split(self._dense(scope, x, Dense(weight, bias)))
        return blocks.split(self.graph, split, len(dense))

    def _absorbed(
        self, scope: str, layer: LayerWeights, rows: _Rows, x: _Rows, mask: int
    ) -> Iterable[tuple[int, Dense]]:
        """The same of one row; see `blocks.AbsorbedAttention`."""
        graph, layer = self.graph, without_biases(layer)
        mine = self._constant(own(self.weights.heads, len(layer.q.bias)))
        q = self._dense(f"{scope}/Linear_q", rows, self._scaled(layer.q))
        # The keys' weights behind the query: a norm's weight is folded on their other side, its bias moves all scores.
        k = layer.k.weight if x.norm is None else layer.k.weight * x.norm.weight
        query = self._dense(f"{scope}/Linear_k", _Rows(blocks.arithmetic(graph, "MUL", q, mine)), turned(k))
        scores = self._sum(blocks.matmul(graph, query, x.tensor, turned=True), mask)
        read = _Rows(blocks.matmul(graph, blocks.softmax(graph, scores), x.tensor), x.norm)
        v = self._dense(f"{scope}/Linear_v", read, layer.v)
        yield blocks.reduce(graph, "SUM", blocks.arithmetic(graph, "MUL", v, mine), 0), layer.o

    def _additive_mask(self, attention_mask: int) -> int:
        """See `blocks.additive_mask`; float32 [1, length]."""
        graph = self.graph
        gap = blocks.arithmetic(graph, "SUB", blocks.cast(graph, attention_mask), self._number(1.0))
        return blocks.arithmetic(graph, "MUL", gap, self._number(-MASKED))

    def _dense(self, scope: str, rows: _Rows, dense: Dense) -> int:
        weight, bias = dense.weight, dense.bias
        if rows.norm:
            weight, bias = weight * rows.norm.weight, bias + weight @ rows.norm.bias
        self.graph.scope = scope
        return blocks.dense(self.graph, rows.tensor, weight.numpy(), bias.numpy())

    def _residual(self, scope: str, rows: _Rows, updates: Iterable[tuple[int, Dense]]) -> int:
        """``rows``, and the sum of linear layers, each of its own tensor."""
        total = rows.tensor
        if rows.norm:
            total = blocks.arithmetic(self.graph, "MUL", total, self._constant(rows.norm.weight))
        for place, (update, dense) in enumerate(updates):
            if place == 0 and rows.norm:
                dense = Dense(dense.weight, dense.bias + rows.norm.bias)
            total = self._sum(total, self._dense(scope, _Rows(update), dense))
        return total

    def _normalised(self, scope: str, x: int, norm: Norm) -> _Rows:
        self.graph.scope = scope
        found = blocks.normalised(self.graph, x, self.weights.eps)
        if self.reductions.norms:
            return _Rows(found, norm)
        scaled = blocks.arithmetic(self.graph, "MUL", found, self._constant(norm.weight))
        return _Rows(self._sum(scaled, self._constant(norm.bias)))

    def _cut(self, units: int, rows: _Rows, heads: int | None = None) -> tuple[range, ...]:
        """Which of ``units`` are computed together for many ``rows``; of those that are in ``heads``, whole ones."""
        count = heads or units
        many = self.cuts and self.graph.shape(rows.tensor)[0] > 1
        cuts = parts(count, units // count * self.weights.width * FLOAT) if many else 1
        size = units // cuts
        return tuple(range(start, start + size) for start in range(0, units, size))

    def _split(self, x: int) -> int:
        """[n, width] to [heads, n, head width]."""
        count, width = self.graph.shape(x)
        size = self.weights.width // self.weights.heads
        split = blocks.reshape(self.graph, x, (count, width // size, size))
        return blocks.transpose(self.graph, split, (1, 0, 2))

    def _scaled(self, dense: Dense) -> Dense:
        """Queries with the scale of the scores."""
        scale = (len(dense.bias) // self.weights.heads) ** -0.5
        return Dense(dense.weight * scale, dense.bias * scale)

    def _first(self, rows: _Rows) -> _Rows:
        return _Rows(blocks.rows(self.graph, rows.tensor, 1), rows.norm)

    def _sum(self, x: int, y: int) -> int:
        return blocks.arithmetic(self.graph, "ADD", x, y)

    def _constant(self, values: Tensor) -> int:
        return self.graph.constant(values.numpy())

    def _number(self, value: float) -> int:
        return self.graph.constant(np.array([value], np.float32))
