"""OpenVINO from the module (where transformers has its class) and from the plain ONNX export, int8 by NNCF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.engine import CALIBRATION_ROWS, JOB, Feeds, Job, Session, Variant
from edgebert.files import read_json
from edgebert.runtimes.token_file import TokenFile

DYNAMIC = "LATENCY hint; static shape at full length, dynamic for own lengths"
STATIC = "LATENCY hint; a static shape for each length"
HINTS = "https://docs.openvino.ai/2026/openvino-workflow/running-inference/optimize-inference/optimizing-latency.html"
NNCF = (
    "https://docs.openvino.ai/2026/openvino-workflow/model-optimization-guide/quantizing-models-post-training/"
    "basic-quantization-flow.html"
)
ENVIRONMENT = "openvino"
SERVED_IN = ENVIRONMENT
VARIANTS = {
    "module": Variant("fp32", f"openvino.convert_model of the module, inference precision f32, {DYNAMIC}", HINTS),
    "module-static": Variant("fp32", f"openvino.convert_model of the module, inference precision f32, {STATIC}", HINTS),
    "onnx-static": Variant("fp32", f"openvino.convert_model of the export, inference precision f32, {STATIC}", HINTS),
    "int8": Variant("int8", f"nncf.quantize, model_type TRANSFORMER, {CALIBRATION_ROWS} rows; {DYNAMIC}", NNCF),
    "int8-static": Variant("int8", f"nncf.quantize, model_type TRANSFORMER, {CALIBRATION_ROWS} rows; {STATIC}", NNCF),
}
ANY = -1


def build(variant: str, job: Job, folder: Path) -> None:
    """The intermediate representation of a variant; static ones have that of their dynamic sibling."""
    import openvino as ov

    path = _path(variant, folder)
    if path.exists():
        return
    from_module = job.classes and not variant.startswith("onnx")
    model = _from_module(job) if from_module else ov.convert_model(job.onnx)
    if variant.startswith("int8"):
        import nncf

        rows = TokenFile(job.calibration)
        feeds = [_long(rows.feeds(row), job) for row in range(len(rows))]
        model = nncf.quantize(model, nncf.Dataset(feeds), model_type=nncf.ModelType.TRANSFORMER, subset_size=len(feeds))
    ov.save_model(model, path, compress_to_fp16=False)


def _path(variant: str, folder: Path) -> Path:
    return folder / f"{variant.removesuffix('-static')}.xml"


def _from_module(job: Job) -> Any:
    import openvino as ov
    import torch

    from benchmarks.peers.modules import logits_module

    sample = {name: torch.ones(1, 8, dtype=torch.int64) for name in job.inputs}
    shapes = {name: ([1, -1], ov.Type.i64) for name in job.inputs}
    with torch.no_grad():
        return ov.convert_model(logits_module(job.checkpoint, job.classes), example_input=sample, input=shapes)


def open(variant: str, folder: Path, threads: int) -> Session:
    """Compiled for each length, or for full length and for any."""
    import openvino as ov

    job, core = Job.from_dict(read_json(folder / JOB)), ov.Core()
    hints: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads}
    if VARIANTS[variant].precision == "fp32":
        hints["INFERENCE_PRECISION_HINT"] = "f32"

    def request(length: int) -> Any:
        model = core.read_model(_path(variant, folder))
        model.reshape({name: [1, length] for name in job.inputs})
        return core.compile_model(model, "CPU", hints).create_infer_request()

    static = job.lengths if variant.endswith("static") else ()
    requests = {length: request(length) for length in static or (job.lengths[-1], ANY)}

    def run(feeds: dict[str, np.ndarray]) -> np.ndarray:
        length = feeds["input_ids"].shape[1]
        one = requests[length if length in requests else ANY]
        return np.asarray(one.infer(feeds, share_inputs=True, share_outputs=True)[0])

    return Session(static, lambda feeds: _long(feeds, job), run)


def _long(feeds: Feeds, job: Job) -> dict[str, np.ndarray]:
    return {name: feeds[name].astype(np.int64) for name in job.inputs}
