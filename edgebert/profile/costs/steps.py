"""The operators of a file as its engine runs them: ONNX Runtime fuses some first, XNNPACK takes some of LiteRT's."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

from converters.errors import ConversionError
from converters.lint import onnx_file, onnx_shapes, tflite_file, xnnpack
from converters.lint.graph import Contents, Graph
from edgebert.errors import UserError
from edgebert.profile.costs.work import Node
from edgebert.runtimes.engines import ort
from edgebert.runtimes.runtime import RuntimeFailure

USUAL_LENGTH = 128
"""Tokens of a row where the file takes any number and none is asked for."""


def steps(path: Path, length: int | None) -> tuple[int, list[Node]]:
    """Length and operators of a call.

    Args:
        path: an .onnx or .tflite file.
        length: tokens; None for the longest that a TFLite file has a function for, and 128 in ONNX.

    Raises:
        UserError: if it has no function for that length, with those that it has.
        ConversionError: if it is damaged.
    """
    if not path.is_file():
        raise ConversionError(f"There is no file {path}.")
    try:
        return _tflite(path, length) if tflite_file.is_one(path) else _onnx(path, length)
    except (struct.error, LookupError, RuntimeFailure) as error:
        raise ConversionError(f"{path} is damaged, or neither a TFLite nor an ONNX file: {error}") from error


def _onnx(path: Path, length: int | None) -> tuple[int, list[Node]]:
    with tempfile.TemporaryDirectory(prefix="edgebert-") as scratch:
        made = ort.optimised(path, Path(scratch))
        (graph,) = onnx_file.read(made).graphs
        fixed = {n for port in graph.function.inputs for n in port.shape[1:] if isinstance(n, int) and n > 0}
        length = _choose(path, sorted(fixed), length) if fixed else length or USUAL_LENGTH
        contents = onnx_shapes.at(made, 1, length)
    (graph,) = contents.graphs
    return length, list(_nodes(graph, [False] * len(graph.operators), contents, length))


def _tflite(path: Path, length: int | None) -> tuple[int, list[Node]]:
    contents = tflite_file.read(path)
    by_length = {int(graph.function.inputs[0].shape[-1]): graph for graph in contents.graphs}
    length = _choose(path, sorted(by_length), length)
    graph = by_length[length]
    return length, list(_nodes(graph, [not taken for taken in xnnpack.delegated(graph)], contents, length))


def _choose(path: Path, there: list[int], length: int | None) -> int:
    if length is not None and length not in there:
        raise UserError(
            f"{path} has no function for {length} tokens.", f"It has them for: {', '.join(map(str, there))}."
        )
    return there[-1] if length is None else length


def _nodes(graph: Graph, outside: list[bool], contents: Contents, length: int, times: int = 1) -> Iterator[Node]:
    for operator, is_outside in zip(graph.operators, outside, strict=True):
        if operator.kind == "Constant":
            continue
        inputs = tuple(None if key is None else graph.values.get(key) for key in operator.inputs)
        outputs = tuple(graph.values.get(key) for key in operator.outputs)
        yield Node(operator.kind, inputs, outputs, operator.options, is_outside, times)
        if operator.kind == "WHILE":  # as many steps as the row has tokens
            for name in ("condSubgraphIndex", "bodySubgraphIndex"):
                called = contents.called[operator.options[name]]
                inside = [not taken for taken in xnnpack.delegated(called)]
                yield from _nodes(called, inside, contents, length, times * length)
