"""A part of a deployment to an ONNX file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from converters.artefact import Entry
from converters.deployment import Part
from converters.graph_spec import GraphSpec
from converters.quiet import quiet

OPSET = 17
"""The first with LayerNormalization; old enough for the ONNX Runtime of any phone."""

SAMPLE = (2, 8)
"""Batch and length that are traced; both stay free in the file."""


def convert(part: Part, spec: GraphSpec, entries: Sequence[Entry], path: Path) -> None:
    """Write ``part`` to ``path`` with named inputs and output, free batch and, unless it has one, free length.

    The exporter is torch's own tracing one: ONNX Runtime's quantiser stumbles over graphs of its successor.
    """
    (entry,) = entries
    sample = torch.ones(SAMPLE[0], entry.length or SAMPLE[1], dtype=torch.int32)
    axes = {name: _free(entry.length) for name in spec.inputs} | {spec.output: {0: "batch"}}
    with quiet(), torch.no_grad():
        torch.onnx.export(
            part.module,
            (sample,) * len(spec.inputs),
            str(path),
            input_names=list(spec.inputs),
            output_names=[spec.output],
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )


def _free(length: int | None) -> dict[int, str]:
    return {0: "batch"} if length else {0: "batch", 1: "length"}
