"""What all schemes share on ONNX files."""

from __future__ import annotations

from pathlib import Path


def note(path: Path, details: dict[str, str]) -> None:
    """Write how a file was quantised into its own metadata."""
    import onnx

    model = onnx.load(path)
    onnx.helper.set_model_props(model, details)
    onnx.save(model, path)
