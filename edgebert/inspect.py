"""What is in a model file, on the terminal: an ONNX or TFLite file of whatever origin."""

from __future__ import annotations

from pathlib import Path

from converters import lint
from converters.errors import ConversionError
from edgebert import console
from edgebert.errors import UserError, require
from edgebert.files import write_json

NEEDS = {".tflite": ("ai_edge_litert", "tflite"), ".onnx": ("onnx", "onnx")}
"""Ending of a file: the module that reads it, and the extra that brings this."""


def inspect(path: Path, json: Path | None = None) -> None:
    """Print inputs, outputs, operators, weights, metadata, size and sha256 of a file, and what a phone stumbles over.

    Args:
        path: the file.
        json: where to write it all for programs.

    Raises:
        UserError: if it is missing, or neither ONNX nor TFLite.
    """
    if path.suffix in NEEDS:
        require(*NEEDS[path.suffix])
    try:
        found = lint.inspect(path)
    except ConversionError as error:
        raise UserError(str(error), "Give a whole .onnx or .tflite file.") from error
    names = ", ".join(function.signature for function in found.functions if function.signature)
    signatures = f", signature{'s' if len(found.functions) > 1 else ''} {names}" if names else ""
    console.say(f"{found.path}: {found.format}{signatures}, {found.bytes:,} bytes\nsha256 {found.sha256}\n")
    for function in found.functions:
        ports = [("input", tensor) for tensor in function.inputs] + [("output", tensor) for tensor in function.outputs]
        console.table(
            f"inputs and outputs of {function.signature}" if len(found.functions) > 1 else "inputs and outputs",
            ("name", "", "type", "shape"),
            [(tensor.name, side, tensor.dtype, " x ".join(map(str, tensor.shape))) for side, tensor in ports],
        )
    console.table("operators", ("operator", "count"), found.operators.items())
    whole = max(sum(found.weights.values()), 1)
    console.table(
        "weights",
        ("type", "bytes", "%"),
        [(kind, f"{size:,}", f"{100 * size / whole:.1f}") for kind, size in found.weights.items()],
    )
    console.say(f"metadata: {', '.join(found.metadata) or 'none'}")
    for function, shared in zip(found.functions, found.delegation, strict=False):  # ONNX files delegate nothing
        name = f" ({function.signature})" if len(found.functions) > 1 else ""
        left = ", ".join(f"{kind} {count}" for kind, count in shared.outside.items()) or "none"
        console.say(
            f"XNNPACK{name}: {shared.operators - sum(shared.outside.values())} of {shared.operators} operators in "
            f"{shared.partitions} partition{'s' if shared.partitions != 1 else ''}; outside: {left}"
        )
    for finding in found.findings:
        console.warn(f"{finding.what} {finding.fix}")
    if not found.findings:
        console.say("findings: none")
    if json is not None:
        write_json(json, found.to_dict())
