"""The most that matrix products reach here: stacks of linear layers and nothing else, in the same form as an engine.

The share of a file in it says how much of its time is more than arithmetic.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.peers import sessions
from benchmarks.peers.engine import PRECISIONS, Job, Precision, Session, Variant

SHAPES = ((128, 768), (128, 1024), (512, 1024))
"""Rows, and the width of a square layer."""
LAYERS = 4
ENVIRONMENT = None
SERVED_IN = ENVIRONMENT
VARIANTS = {
    f"{runtime}-{precision}-{rows}x{width}": Variant(
        precision, f"{LAYERS} linear layers of {width} x {width} on {rows} rows, {runtime}", "benchmarks/peers/limit.py"
    )
    for runtime in ("litert", "ort")
    for precision in PRECISIONS
    for rows, width in SHAPES
}


def gops(variant: str, ms: float) -> float:
    """10^9 operations a second, a multiply-add as two."""
    _, _, (rows, width) = _parts(variant)
    return 2 * LAYERS * rows * width**2 / ms / 1e6


def build(variant: str, job: Job, folder: Path) -> None:
    """The file of a variant, quantised as edgebert's files are."""
    runtime, precision, (rows, width) = _parts(variant)
    target = folder / f"{variant}.{'tflite' if runtime == 'litert' else 'onnx'}"
    source = folder / f"source-{target.name}"
    if runtime == "litert":
        _tflite(rows, width, source)
    else:
        _onnx(rows, width, source)
    if precision == "fp32":
        source.rename(target)
    elif runtime == "litert":
        from ai_edge_quantizer import quantizer, recipe

        made = quantizer.Quantizer(str(source), recipe.dynamic_wi8_afp32()).quantize()
        made.export_model(str(target), overwrite=True)
    else:
        from onnxruntime.quantization import QuantType, quantize_dynamic

        quantize_dynamic(source, target, per_channel=True, weight_type=QuantType.QInt8)


def _tflite(rows: int, width: int, path: Path) -> None:
    import litert_torch
    import torch
    from torch import nn

    stack = nn.Sequential(*(nn.Linear(width, width) for _ in range(LAYERS))).eval()
    path.write_bytes(litert_torch.convert(stack, (torch.zeros(rows, width),)).model_content())


def _onnx(rows: int, width: int, path: Path) -> None:
    import torch
    from torch import nn

    stack = nn.Sequential(*(nn.Linear(width, width, bias=False) for _ in range(LAYERS))).eval()
    torch.onnx.export(stack, (torch.zeros(rows, width),), str(path), opset_version=17, dynamo=False)


def open(variant: str, folder: Path, threads: int) -> Session:
    """The file of a variant; whatever row it is asked for, it gets the same numbers."""
    runtime, _, (rows, width) = _parts(variant)
    numbers = np.random.default_rng(0).standard_normal((rows, width), np.float32)
    if runtime == "ort":
        session = sessions.ort_session(folder / f"{variant}.onnx", threads)
        feeds = {session.get_inputs()[0].name: numbers}
        return Session((), lambda _: feeds, lambda ready: np.asarray(session.run(None, ready)[0]))
    runner = sessions.interpreter(folder / f"{variant}.tflite", threads).get_signature_runner()
    feeds = {next(iter(runner.get_input_details())): numbers}
    return Session((), lambda _: feeds, lambda ready: np.asarray(next(iter(runner(**ready).values()))))


def _parts(variant: str) -> tuple[str, Precision, tuple[int, int]]:
    runtime, precision, shape = variant.split("-")
    rows, width = shape.split("x")
    return runtime, "int8" if precision == "int8" else "fp32", (int(rows), int(width))
