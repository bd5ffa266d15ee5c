"""int8, dynamic: weights int8 per channel, activations quantised at run time by what they are. No calibration.

ONNX keeps positions and the classification head (Gemm) in float32; word embeddings are 8-bit in both formats.
"""

from __future__ import annotations

import contextlib
import io
import platform
from pathlib import Path

from converters.artefact import Artefact
from converters.quiet import quiet
from edgebert.errors import require


def quantize(source: Path, target: Path, artefact: Artefact) -> None:
    """Write the int8 form of ``source`` to ``target``; see `edgebert.quantize.Scheme`."""
    if artefact.format == "onnx":
        _onnx(source, target)
    else:
        _tflite(source, target)


def _onnx(source: Path, target: Path) -> None:
    require("onnxruntime", "onnx")
    with quiet():
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic

        reduce_range = not has_exact_int8()
        quantize_dynamic(
            source, target, per_channel=True, reduce_range=reduce_range, weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gather"],
        )  # fmt: skip
        model = onnx.load(target)
    note = {"quantization": "dynamic int8 per channel", "reduce_range": str(reduce_range).lower()}
    onnx.helper.set_model_props(model, note)
    onnx.save(model, target)


def _tflite(source: Path, target: Path) -> None:
    require("ai_edge_quantizer", "tflite")
    # Its progress bar has no switch.
    with quiet(), contextlib.redirect_stderr(io.StringIO()):
        from ai_edge_quantizer import quantizer, recipe

        work = quantizer.Quantizer(source)
        work.load_quantization_recipe(recipe.dynamic_wi8_afp32())
        target.write_bytes(work.quantize(enable_progress_report=False).quantized_model)


def has_exact_int8() -> bool:
    """Whether this machine multiplies 8-bit integers without overflow.

    x86 without VNNI sums pairs of uint8 x int8 products in 16 bits, which saturate with full 8-bit weights; then
    weights of 7 bits (`reduce_range`) are the ones that give right answers here.
    """
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return True
    info = Path("/proc/cpuinfo")
    return info.is_file() and "vnni" in info.read_text(encoding="utf-8")
