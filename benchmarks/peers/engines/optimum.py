"""optimum-onnx: its export at levels O2 and O3, and its dynamic quantisation for VNNI."""

from __future__ import annotations

from pathlib import Path

from benchmarks.peers import sessions
from benchmarks.peers.engine import Job, NotApplicable, Session, Variant

LEVELS = "https://huggingface.co/docs/optimum-onnx/onnxruntime/usage_guides/optimization"
QUANTISER = "https://huggingface.co/docs/optimum-onnx/onnxruntime/usage_guides/quantization"
ENVIRONMENT = "optimum"
SERVED_IN = ENVIRONMENT
VARIANTS = {
    "o2": Variant("fp32", "ORTModelForSequenceClassification export, ORTOptimizer at O2", LEVELS),
    "o3": Variant("fp32", "ORTModelForSequenceClassification export, ORTOptimizer at O3 (GELU approximated)", LEVELS),
    "int8": Variant("int8", "ORTQuantizer, AutoQuantizationConfig.avx512_vnni, dynamic, per channel", QUANTISER),
}


def build(variant: str, job: Job, folder: Path) -> None:
    """A folder a variant, all of one export."""
    if not job.classes:
        raise NotApplicable("transformers has no class for it")
    from optimum.onnxruntime import (
        AutoOptimizationConfig,
        AutoQuantizationConfig,
        ORTModelForSequenceClassification,
        ORTOptimizer,
        ORTQuantizer,
    )

    plain = folder / "plain"
    if not plain.exists():
        ORTModelForSequenceClassification.from_pretrained(job.checkpoint, export=True).save_pretrained(plain)
    if variant == "int8":
        config = AutoQuantizationConfig.avx512_vnni(is_static=False, per_channel=True)
        ORTQuantizer.from_pretrained(plain).quantize(save_dir=folder / variant, quantization_config=config)
    else:
        model = ORTModelForSequenceClassification.from_pretrained(plain)
        level = getattr(AutoOptimizationConfig, variant.upper())()
        ORTOptimizer.from_pretrained(model).optimize(level, save_dir=folder / variant)


def open(variant: str, folder: Path, threads: int) -> Session:
    """The one ONNX file of the variant's folder."""
    (path,) = (folder / variant).glob("*.onnx")
    return sessions.onnx(path, threads)
