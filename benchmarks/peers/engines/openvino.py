"""OpenVINO from the Hugging Face module and from the plain ONNX export, int8 by NNCF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.engine import JOB, Feeds, Job, NotApplicable, Session, Variant
from edgebert.files import read_json
from edgebert.runtimes.token_file import TokenFile

LATENCY = "LATENCY hint, static shape at full length, dynamic for own lengths"
HINTS = "https://docs.openvino.ai/2026/openvino-workflow/running-inference/optimize-inference/optimizing-latency.html"
NNCF = (
    "https://docs.openvino.ai/2026/openvino-workflow/model-optimization-guide/quantizing-models-post-training/"
    "basic-quantization-flow.html"
)
ENVIRONMENT = "openvino"
SERVED_IN = ENVIRONMENT
VARIANTS = {
    "module": Variant("fp32", f"openvino.convert_model of the module; inference precision f32, {LATENCY}", HINTS),
    "onnx": Variant("fp32", f"openvino.convert_model of the plain export; inference precision f32, {LATENCY}", HINTS),
    "int8": Variant("int8", f"nncf.quantize, model_type TRANSFORMER, 300 rows, of `module`; {LATENCY}", NNCF),
    "onnx-int8": Variant("int8", f"nncf.quantize, model_type TRANSFORMER, 300 rows, of `onnx`; {LATENCY}", NNCF),
}
ROWS = 300


def build(variant: str, job: Job, folder: Path) -> None:
    """The intermediate representation of a variant."""
    import openvino as ov

    model = ov.convert_model(job.onnx) if variant.startswith("onnx") else _from_module(job)
    if variant.endswith("int8"):
        import nncf

        rows = TokenFile(job.calibration)
        feeds = [_long(rows.feeds(row), job) for row in range(min(ROWS, len(rows)))]
        model = nncf.quantize(model, nncf.Dataset(feeds), model_type=nncf.ModelType.TRANSFORMER, subset_size=len(feeds))
    ov.save_model(model, folder / f"{variant}.xml", compress_to_fp16=False)


def _from_module(job: Job) -> Any:
    if not job.classes:
        raise NotApplicable("transformers has no class for it")
    import openvino as ov
    import torch

    from benchmarks.peers.modules import logits_module

    sample = {name: torch.ones(1, 8, dtype=torch.int64) for name in job.inputs}
    shapes = {name: ([1, -1], ov.Type.i64) for name in job.inputs}
    with torch.no_grad():
        return ov.convert_model(logits_module(job.checkpoint, job.classes), example_input=sample, input=shapes)


def open(variant: str, folder: Path, threads: int) -> Session:
    """Compiled twice, of any length and of full length."""
    import openvino as ov

    job, core = Job.from_dict(read_json(folder / JOB)), ov.Core()
    hints: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads}
    if VARIANTS[variant].precision == "fp32":
        hints["INFERENCE_PRECISION_HINT"] = "f32"

    def request(length: int) -> Any:
        model = core.read_model(folder / f"{variant}.xml")
        model.reshape({name: [1, length] for name in job.inputs})
        return core.compile_model(model, "CPU", hints).create_infer_request()

    full, requests = job.lengths[-1], {length: request(length) for length in (-1, job.lengths[-1])}

    def run(feeds: dict[str, np.ndarray]) -> np.ndarray:
        found = requests[full if feeds["input_ids"].shape[1] == full else -1].infer(
            feeds, share_inputs=True, share_outputs=True
        )
        return np.asarray(found[0])

    return Session((), lambda feeds: _long(feeds, job), run)


def _long(feeds: Feeds, job: Job) -> dict[str, np.ndarray]:
    return {name: feeds[name].astype(np.int64) for name in job.inputs}
