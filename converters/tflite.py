"""A part of a deployment to a TFLite file: by litert-torch, or by the module itself."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from converters.deployment import Part
from converters.errors import ConversionError
from converters.graph_spec import GraphSpec
from converters.quiet import quiet


@runtime_checkable
class WritesItself(Protocol):
    """A module that is no work for litert-torch."""

    def tflite(self, spec: GraphSpec, length: int) -> bytes:
        """The bytes of the file for ``length`` tokens, as ``spec`` wants it."""


def convert(part: Part, spec: GraphSpec, path: Path) -> None:
    """Write ``part`` to ``path`` as one signature with named inputs and output, batch 1 and fixed length.

    Raises:
        ConversionError: if the part has no length.
    """
    if part.length is None:
        raise ConversionError("A TFLite file has a fixed length: name at least one in lengths.")
    if isinstance(part.module, WritesItself):
        path.write_bytes(part.module.tflite(spec, part.length))
        return
    # Keyword arguments, because positional ones come out as classify_args_0, _1, ...
    inputs = {name: torch.ones(1, part.length, dtype=torch.int32) for name in spec.inputs}
    with quiet(), torch.no_grad():
        import litert_torch

        named = _Named(part.module, spec.output).eval()
        # Lightweight: constants stay out of the compiler; the same graph in half the time and memory for BERT-base.
        model = litert_torch.signature(spec.signature, named, sample_kwargs=inputs).convert(lightweight_conversion=True)
    # Not `model.export`: on a full disk it ends the process.
    path.write_bytes(model.model_content())


class _Named(nn.Module):
    """Names a module's output, which the signature takes over."""

    def __init__(self, module: nn.Module, output: str) -> None:
        super().__init__()
        self.module = module
        self.output = output

    def forward(self, **inputs: Tensor) -> dict[str, Tensor]:
        return {self.output: self.module(**inputs)}
