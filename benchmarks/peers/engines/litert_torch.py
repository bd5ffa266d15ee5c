"""litert-torch on the Hugging Face module as it is, int8 by ai-edge-quantizer: what edgebert starts from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.peers import sessions
from benchmarks.peers.engine import Job, Session, Variant
from benchmarks.peers.modules import logits_module

ENVIRONMENT = None
SERVED_IN = ENVIRONMENT
VARIANTS = {
    "fp32": Variant(
        "fp32",
        "litert_torch.signature(...).convert(), a signature for each length; "
        "LiteRT's CompiledModel, XNNPACK, packed weights shared",
        "https://github.com/google-ai-edge/litert-torch/blob/main/docs/pytorch_converter/README.md",
    ),
    "int8": Variant(
        "int8", "ai-edge-quantizer, recipe dynamic_wi8_afp32; LiteRT's CompiledModel, XNNPACK, packed weights shared",
        "https://github.com/google-ai-edge/ai-edge-quantizer/blob/main/docs/getting_started.md",
    ),
}  # fmt: skip


def build(variant: str, job: Job, folder: Path) -> None:
    """The file of a variant; int8 is made of fp32."""
    plain = folder / "fp32.tflite"
    if not plain.exists():
        plain.write_bytes(_convert(job))
    if variant == "int8":
        from ai_edge_quantizer import quantizer, recipe

        quantizer.Quantizer(str(plain), recipe.dynamic_wi8_afp32()).quantize().export_model(
            str(folder / "int8.tflite"), overwrite=True
        )


def _convert(job: Job) -> bytes:
    import litert_torch
    import torch

    module, builder = logits_module(job.checkpoint, job.classes), litert_torch
    for length in job.lengths:
        sample = {name: torch.ones(1, length, dtype=torch.int32) for name in job.inputs}
        builder = builder.signature(f"classify_{length}", module, sample_kwargs=sample)
    model: Any = builder.convert(lightweight_conversion=True)
    content: bytes = model.model_content()
    return content


def open(variant: str, folder: Path, threads: int) -> Session:
    """The file of a variant."""
    return sessions.tflite_signatures(folder / f"{variant}.tflite", threads)
