"""A part of a deployment to a TFLite file: by litert-torch, or by the module itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from converters.artefact import Entry
from converters.deployment import Part
from converters.graph_spec import GraphSpec
from converters.quiet import quiet


@runtime_checkable
class WritesItself(Protocol):
    """A module that is no work for litert-torch."""

    def tflite(self, spec: GraphSpec, entries: Sequence[Entry]) -> bytes:
        """The bytes of the file with these signatures, as ``spec`` wants it."""


@runtime_checkable
class QuantisesOtherwise(Protocol):
    """A module that arranges the same function otherwise where its weights will have 8 bits."""

    def tflite_to_8_bits(self, spec: GraphSpec, entries: Sequence[Entry]) -> bytes:
        """The bytes of the float32 file that a quantiser is to read."""


def quantises_otherwise(module: nn.Module) -> bool:
    """Whether `convert` can write a file of its own for quantisers."""
    return isinstance(module, QuantisesOtherwise)


def convert(part: Part, spec: GraphSpec, entries: Sequence[Entry], path: Path, *, to_8_bits: bool = False) -> None:
    """Write ``part`` to ``path``: a signature for each entry, inputs and output named, batch 1, fixed length.

    With ``to_8_bits``, the file for quantisers; the module `quantises_otherwise`.
    """
    from converters.tflite_sharing import share

    if to_8_bits:
        assert isinstance(part.module, QuantisesOtherwise)
        content = part.module.tflite_to_8_bits(spec, entries)
    elif isinstance(part.module, WritesItself):
        content = part.module.tflite(spec, entries)
    else:
        content = _litert_torch(part, spec, entries)
    # Not litert-torch's own `export`: on a full disk it ends the process.
    path.write_bytes(share(content))


def _litert_torch(part: Part, spec: GraphSpec, entries: Sequence[Entry]) -> bytes:
    with quiet(), torch.no_grad():
        import litert_torch

        named, builder = _Named(part.module, spec.output).eval(), litert_torch
        for entry, length in zip(entries, part.lengths, strict=True):
            # Keyword arguments, because positional ones come out as classify_args_0, _1, ...
            inputs = {name: torch.ones(1, length, dtype=torch.int32) for name in spec.inputs}
            builder = builder.signature(entry.signature, named, sample_kwargs=inputs)
        # Lightweight: constants stay out of the compiler; the same graph in half the time and memory for BERT-base.
        content: bytes = builder.convert(lightweight_conversion=True).model_content()
    return content


class _Named(nn.Module):
    """Names a module's output, which the signature takes over."""

    def __init__(self, module: nn.Module, output: str) -> None:
        super().__init__()
        self.module = module
        self.output = output

    def forward(self, **inputs: Tensor) -> dict[str, Tensor]:
        return {self.output: self.module(**inputs)}
