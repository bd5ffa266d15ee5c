"""Micro-models as ONNX files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from converters.graph_spec import Format
from edgebert.profile.micro.writer import INPUT, OUTPUT, random

OPSET, IR_VERSION = 20, 9
EPS = 1e-5
ACTIVATIONS = {"relu": "Relu", "tanh": "Tanh", "softmax": "Softmax"}
GATES, WAYS = 4, 2


class OnnxWriter:
    """Writes the standard's operators; a tensor is known by its name."""

    format: Format = "onnx"

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._shapes: dict[str, tuple[int, ...]] = {}
        self._rows = 0

    def begin(self, rows: int, columns: int) -> str:
        """See `Writer`."""
        self._rows = rows
        numbers = self._op("Cast", (INPUT,), (1, rows), to=1)
        return self._op("Mul", (self.reshape(numbers, (rows, 1)), self._constant(random(1, columns))), (rows, columns))

    def shape(self, x: str) -> tuple[int, ...]:
        """See `Writer`."""
        return self._shapes[x]

    def dense(self, x: str, columns: int) -> str:
        """See `Writer`."""
        rows, inner = self.shape(x)
        return self._op("MatMul", (x, self._constant(random(columns, inner).T)), (rows, columns))

    def product(self, x: str, y: str) -> str:
        """See `Writer`."""
        return self._op("MatMul", (x, y), (*self.shape(x)[:-1], self.shape(y)[-1]))

    def add(self, x: str, y: str) -> str:
        """See `Writer`."""
        return self._op("Add", (x, y), np.broadcast_shapes(self.shape(x), self.shape(y)))

    def scale(self, x: str) -> str:
        """See `Writer`."""
        return self._op("Mul", (x, self._constant(1 + random(self.shape(x)[-1]))), self.shape(x))

    def activation(self, x: str, name: str) -> str:
        """See `Writer`."""
        return self._gelu(x) if name == "gelu" else self._op(ACTIVATIONS[name], (x,), self.shape(x))

    def _gelu(self, x: str) -> str:
        """GELU, x (1 + erf(x / sqrt 2)) / 2, as torch writes it and ONNX Runtime fuses it."""
        shape = self.shape(x)
        root, one, half = (self._constant(np.array(value, np.float32)) for value in (2**0.5, 1, 0.5))
        error = self._op("Erf", (self._op("Div", (x, root), shape),), shape)
        return self._op("Mul", (self._op("Mul", (x, self._op("Add", (error, one), shape)), shape), half), shape)

    def normalise(self, x: str) -> str:
        """See `Writer`."""
        weights = [self._constant(1 + random(self.shape(x)[-1])) for _ in range(2)]
        return self._op("LayerNormalization", (x, *weights), self.shape(x), axis=-1, epsilon=EPS)

    def reshape(self, x: str, shape: Sequence[int]) -> str:
        """See `Writer`."""
        return self._op("Reshape", (x, self._constant(np.array(shape, np.int64))), shape)

    def transpose(self, x: str, order: Sequence[int]) -> str:
        """See `Writer`."""
        return self._op("Transpose", (x,), [self.shape(x)[axis] for axis in order], perm=list(order))

    def join(self, x: str, y: str) -> str:
        """See `Writer`."""
        *ahead, left = self.shape(x)
        return self._op("Concat", (x, y), (*ahead, left + self.shape(y)[-1]), axis=-1)

    def part(self, x: str, columns: int) -> str:
        """See `Writer`."""
        places = (self._constant(np.array([at], np.int64)) for at in (0, columns, 1))
        return self._op("Slice", (x, *places), (self.shape(x)[0], columns))

    def mean(self, x: str) -> str:
        """See `Writer`."""
        axis = self._constant(np.array([-1], np.int64))
        return self._op("ReduceMean", (x, axis), (*self.shape(x)[:-1], 1), keepdims=1)

    def look_up(self, rows: int, columns: int) -> str:
        """See `Writer`."""
        self._rows = rows
        picked = self._op("Gather", (self._constant(random(rows, columns)), INPUT), (1, rows, columns))
        return self.reshape(picked, (rows, columns))

    def recurrent(self, rows: int, columns: int, hidden: int) -> str:
        """See `Writer`."""
        x, inner = self.look_up(rows, columns), columns
        weights = [self._constant(random(WAYS, GATES * hidden, wide)) for wide in (inner, hidden)]
        steps = self.reshape(x, (rows, 1, inner))
        self._op(
            "LSTM", (steps, *weights), (rows, WAYS, 1, hidden), hidden_size=hidden, direction="bidirectional",
            also=[last := f"last_{len(self._nodes)}"],
        )  # fmt: skip
        self._shapes[last] = (WAYS, 1, hidden)
        return self.reshape(last, (1, WAYS * hidden))

    def save(self, x: str, path: Path) -> None:
        """See `Writer`."""
        import onnx

        columns = self.shape(x)[-1]
        flat = self.reshape(x, (-1, columns))
        places = (self._constant(np.array([at], np.int64)) for at in (0, 1, 0))
        row = self._op("Slice", (flat, *places), (1, columns))
        self._nodes.append(onnx.helper.make_node("Identity", [row], [OUTPUT]))
        ports = (
            onnx.helper.make_tensor_value_info(INPUT, onnx.TensorProto.INT32, (1, self._rows)),
            onnx.helper.make_tensor_value_info(OUTPUT, onnx.TensorProto.FLOAT, (1, columns)),
        )
        graph = onnx.helper.make_graph(self._nodes, "micro", [ports[0]], [ports[1]], self._constants)
        opset = onnx.helper.make_opsetid("", OPSET)
        onnx.save(onnx.helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION), path)

    def _constant(self, values: np.ndarray[Any, Any]) -> str:
        import onnx

        name = f"constant_{len(self._constants)}"
        self._constants.append(onnx.numpy_helper.from_array(values.copy(order="C"), name))
        self._shapes[name] = values.shape
        return name

    def _op(
        self, kind: str, inputs: Sequence[str], shape: Sequence[int], also: Sequence[str] = (), **options: Any
    ) -> str:
        import onnx

        name = f"{kind}_{len(self._nodes)}"
        self._nodes.append(onnx.helper.make_node(kind, inputs, [name, *also], name=name, **options))
        self._shapes[name] = tuple(shape)
        return name
