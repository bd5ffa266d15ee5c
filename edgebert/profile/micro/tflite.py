"""Micro-models as TFLite files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from converters import bilstm_tflite
from converters import tflite_blocks as blocks
from converters.graph_spec import Format
from converters.tflite_graph import TfliteFile
from edgebert.profile.micro.writer import INPUT, OUTPUT, SIGNATURE, random

EPS, GATES = 1e-5, 4


class TfliteWriter:
    """Writes with the same blocks as edgebert's own exports."""

    format: Format = "tflite"

    def __init__(self) -> None:
        self._file = TfliteFile()
        self._graph = self._file.graph()
        self._input = -1

    def begin(self, rows: int, columns: int) -> int:
        """See `Writer`."""
        self._input = self._graph.tensor((1, rows), np.int32)
        column = blocks.reshape(self._graph, blocks.cast(self._graph, self._input), (rows, 1))
        return blocks.arithmetic(self._graph, "MUL", column, self._graph.constant(random(1, columns)))

    def shape(self, x: int) -> tuple[int, ...]:
        """See `Writer`."""
        return self._graph.shape(x)

    def dense(self, x: int, columns: int) -> int:
        """See `Writer`."""
        self._graph.scope = f"Linear_{len(self._graph.subgraph.operators)}"
        return blocks.dense(self._graph, x, random(columns, self.shape(x)[1]))

    def product(self, x: int, y: int) -> int:
        """See `Writer`."""
        return blocks.matmul(self._graph, x, y)

    def add(self, x: int, y: int) -> int:
        """See `Writer`."""
        return blocks.arithmetic(self._graph, "ADD", x, y)

    def scale(self, x: int) -> int:
        """See `Writer`."""
        return blocks.arithmetic(self._graph, "MUL", x, self._graph.constant(1 + random(self.shape(x)[-1])))

    def activation(self, x: int, name: str) -> int:
        """See `Writer`."""
        if name == "softmax":
            return blocks.softmax(self._graph, x)
        return blocks.activated(self._graph, x, name)

    def normalise(self, x: int) -> int:
        """See `Writer`."""
        return blocks.normalised(self._graph, x, EPS)

    def reshape(self, x: int, shape: Sequence[int]) -> int:
        """See `Writer`."""
        return blocks.reshape(self._graph, x, shape)

    def transpose(self, x: int, order: Sequence[int]) -> int:
        """See `Writer`."""
        return blocks.transpose(self._graph, x, order)

    def join(self, x: int, y: int) -> int:
        """See `Writer`."""
        *ahead, left = self.shape(x)
        return self._graph.op("CONCATENATION", (x, y), (*ahead, left + self.shape(y)[-1]), axis=len(ahead))

    def part(self, x: int, columns: int) -> int:
        """See `Writer`."""
        size = (self.shape(x)[0], columns)
        places = (blocks.integers(self._graph, values) for values in ((0, 0), size))
        return self._graph.op("SLICE", (x, *places), size)

    def mean(self, x: int) -> int:
        """See `Writer`."""
        return blocks.reduce(self._graph, "MEAN", x, -1)

    def look_up(self, rows: int, columns: int) -> int:
        """See `Writer`."""
        self._input = self._graph.tensor((1, rows), np.int32)
        flat = blocks.reshape(self._graph, self._input, (rows,), np.int32)
        return self._graph.op("EMBEDDING_LOOKUP", (flat, self._graph.constant(random(rows, columns))), (rows, columns))

    def recurrent(self, rows: int, columns: int, hidden: int) -> int:
        """See `Writer`."""
        import torch

        from converters.encoder_weights import Dense
        from converters.lean_bilstm import BiLstmWeights, Direction

        self._input = self._graph.tensor((1, rows), np.int32)
        inputs, recurrent = (torch.from_numpy(random(GATES * hidden, wide)) for wide in (columns, hidden))
        way, none = Direction(inputs, recurrent, torch.zeros(GATES * hidden)), Dense(torch.zeros(0), torch.zeros(0))
        weights = BiLstmWeights(torch.from_numpy(random(rows, columns)), way, way, (none, none), siamese=False)
        both = {"input_ids": self._input, "attention_mask": self._input}  # fed with ones
        return bilstm_tflite.states(self._file, self._graph, weights, both, rows)[0]

    def save(self, x: int, path: Path) -> None:
        """See `Writer`."""
        row = blocks.rows(self._graph, x, 1) if len(self.shape(x)) == 2 else self._row(x)
        self._file.sign(self._graph, SIGNATURE, {INPUT: self._input}, {OUTPUT: row})
        path.write_bytes(self._file.content())

    def _row(self, x: int) -> int:
        *ahead, columns = self.shape(x)
        return blocks.rows(self._graph, self.reshape(x, (int(np.prod(ahead)), columns)), 1)
