"""ONNX Runtime with its own tools: the plain export, its transformers optimizer, its dynamic quantiser."""

from __future__ import annotations

from pathlib import Path

from benchmarks.peers import sessions
from benchmarks.peers.engine import Job, NotApplicable, Session, Variant
from edgebert.files import read_json

OPTIMIZER = "https://onnxruntime.ai/docs/performance/transformers-optimization.html"
QUANTISER = "https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html"
ENVIRONMENT = None
SERVED_IN = ENVIRONMENT
VARIANTS = {
    "plain": Variant("fp32", "torch.onnx.export, opset 17; all graph optimisations at load", OPTIMIZER),
    "optimizer": Variant("fp32", "onnxruntime.transformers.optimizer of the plain export, model_type bert", OPTIMIZER),
    "int8": Variant("int8", "quantize_dynamic of the plain export: per channel, QInt8", QUANTISER),
    "optimizer-int8": Variant("int8", "quantize_dynamic of what the optimizer made: per channel, QInt8", QUANTISER),
}
CODES = {"bert": "bert", "distilbert": "bert", "mobilebert": "bert"}
"""The optimizer's names of architectures."""


def build(variant: str, job: Job, folder: Path) -> None:
    """The file of a variant."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    source = job.onnx
    if variant.startswith("optimizer"):
        source = folder / "optimizer.onnx"
        _optimize(job, source)
    if variant.endswith("int8"):
        # Fused operators have no inferred type, which the quantiser asks for.
        quantize_dynamic(
            source, folder / f"{variant}.onnx", per_channel=True, weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": 1},
        )  # fmt: skip
    elif variant == "plain":
        (folder / "plain.onnx").write_bytes(source.read_bytes())


def _optimize(job: Job, target: Path) -> None:
    config = read_json(job.checkpoint / "config.json")
    if config["model_type"] not in CODES:
        raise NotApplicable(f"the optimizer knows no {config['model_type']}")
    from onnxruntime.transformers import optimizer

    heads, width = (
        config.get(name, config.get(other))
        for name, other in (("num_attention_heads", "n_heads"), ("hidden_size", "dim"))
    )
    code = CODES[config["model_type"]]
    optimizer.optimize_model(str(job.onnx), code, num_heads=heads, hidden_size=width).save_model_to_file(str(target))


def open(variant: str, folder: Path, threads: int) -> Session:
    """The file of a variant."""
    return sessions.onnx(folder / f"{variant}.onnx", threads)
