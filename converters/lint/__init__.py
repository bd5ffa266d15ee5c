"""What is in a model file, whoever made it: inputs, outputs, operators, and what a phone will trip over.

`inspection` is the answer, `graph` the operators of either format, `tflite_file` and `onnx_file` read them, `xnnpack`
knows what runs on TFLite's fast path, and `rules` holds one file for each thing there is to find.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from converters.artefact import Entry, digest
from converters.errors import ConversionError
from converters.graph_spec import TensorSpec
from converters.lint import onnx_file, tflite_file, xnnpack
from converters.lint.inspection import Finding, Function, Inspection, Tensor
from converters.lint.rules import findings

__all__ = ["Finding", "Function", "Inspection", "Tensor", "check", "inspect"]


def inspect(path: Path) -> Inspection:
    """Look into an ONNX or TFLite file.

    Raises:
        ConversionError: if the file is missing, damaged, or neither of the two.
    """
    if not path.is_file():
        raise ConversionError(f"There is no file {path}.")
    try:
        contents = tflite_file.read(path) if tflite_file.is_one(path) else onnx_file.read(path)
        return Inspection(
            path=str(path),
            format=contents.format,
            bytes=path.stat().st_size,
            sha256=digest(path),
            functions=tuple(graph.function for graph in contents.graphs),
            operators=contents.operators,
            weights=contents.weights,
            metadata=contents.metadata,
            delegation=tuple(map(xnnpack.delegation, contents.graphs)) if contents.format == "tflite" else (),
            findings=tuple(findings(contents)),
        )
    except (struct.error, LookupError) as error:  # the flatbuffer points outside itself
        raise ConversionError(f"{path} is damaged or cut short.") from error


def check(path: Path, entries: Sequence[Entry], output: TensorSpec) -> None:
    """Make sure that a file has the functions asked for, no others, and needs nothing but the plain runtime.

    Raises:
        ConversionError: if not.
    """
    found, name = inspect(path), path.name.removeprefix(".")
    wanted = {entry.signature: _ports((*entry.inputs, output)) for entry in entries}
    there = {function.signature: _ports((*function.inputs, *function.outputs)) for function in found.functions}
    if wanted != there:
        raise ConversionError(f"{name} came out with inputs and outputs {there}; asked for were {wanted}.")
    if found.problems:
        raise ConversionError(f"{name}: {' '.join(found.problems)}")


def _ports(tensors: Sequence[Tensor | TensorSpec]) -> dict[str, tuple[str, tuple[int | str, ...]]]:
    return {tensor.name: (tensor.dtype, tensor.shape) for tensor in tensors}
