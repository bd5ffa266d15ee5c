"""What a micro-model is made of, whatever the format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from converters.artefact import Artefact, Entry, digest
from converters.graph_spec import Format, TensorSpec

INPUT, OUTPUT, SIGNATURE = "input_ids", "logits", "classify"
"""Names as in a file of a text classifier: what can time these can time those."""
DIFFERENT = 9973
"""Random numbers in a constant."""


class Writer(Protocol):
    """Writes a graph operator by operator. Tensors are float32, and known by handles of the writer's own.

    Attributes:
        format: of the file.
    """

    format: Format

    def begin(self, rows: int, columns: int) -> Any:
        """Of the only input, int32 [1, rows], make a tensor [rows, columns]."""

    def shape(self, x: Any) -> tuple[int, ...]:
        """Sizes of a tensor."""

    def dense(self, x: Any, columns: int) -> Any:
        """A linear layer with random weights on [rows, k], without a bias."""

    def product(self, x: Any, y: Any) -> Any:
        """Matrix product of [batch, m, k] and [batch, k, n]."""

    def add(self, x: Any, y: Any) -> Any:
        """The sum of two tensors."""

    def scale(self, x: Any) -> Any:
        """Products with a constant row."""

    def activation(self, x: Any, name: str) -> Any:
        """One of "relu", "gelu", "tanh", "softmax"."""

    def normalise(self, x: Any) -> Any:
        """Layer normalisation over the last axis."""

    def reshape(self, x: Any, shape: Sequence[int]) -> Any:
        """The same numbers in another shape."""

    def transpose(self, x: Any, order: Sequence[int]) -> Any:
        """Axes in another order."""

    def join(self, x: Any, y: Any) -> Any:
        """Two tensors side by side, on the last axis."""

    def part(self, x: Any, columns: int) -> Any:
        """The first columns of [rows, n]."""

    def mean(self, x: Any) -> Any:
        """Over the last axis, which stays as one of size 1."""

    def look_up(self, rows: int, columns: int) -> Any:
        """Rows of a table picked by the input: [rows, columns]."""

    def recurrent(self, rows: int, columns: int, hidden: int) -> Any:
        """A bidirectional LSTM over `look_up`: its last states [1, 2 hidden]. The input has to be ones."""

    def save(self, x: Any, path: Path) -> None:
        """Finish: the first row of ``x`` is the output."""


def random(*shape: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Weights that keep numbers about as large as they come in; the last axis is the longest sum.

    They repeat themselves: time does not depend on them.
    """
    numbers = np.random.default_rng(sum(shape)).standard_normal(DIFFERENT, np.float32)
    return np.resize(numbers / np.float32(np.sqrt(shape[-1])), shape)


def artefact(path: Path, format: Format, scheme: str, rows: int, columns: int) -> Artefact:
    """A micro-model's file as engines take it: its input is [1, rows], its output [1, columns]."""
    entry = Entry(
        signature=SIGNATURE if format == "tflite" else None,
        length=rows,
        inputs=(TensorSpec(INPUT, "int32", (1, rows)),),
    )
    return Artefact(
        path=path.name, format=format, scheme=scheme, entries=(entry,), driver="single",
        output=TensorSpec(OUTPUT, "float32", (1, columns)), sha256=digest(path), bytes=path.stat().st_size,
    )  # fmt: skip
