"""int8 weights, per channel, turned back into float32 before the arithmetic: a small file with nearly fp32's answers.

It saves bytes, not time. Right in every runtime, tflite-runtime 2.14 too. There is no ONNX form: ONNX Runtime would
turn the weights back at every call.
"""

from __future__ import annotations

from typing import Any

from converters.graph_spec import Format
from edgebert.quantize import tflite
from edgebert.quantize.job import Job

FORMATS: tuple[Format, ...] = ("tflite",)
SAFER = "fp16"
MIXES = True
TO_8_BITS = True


def quantize(job: Job) -> dict[str, str]:
    """Write the int8 form; see `edgebert.quantize.job.Scheme`."""
    tflite.write(job, _recipe)
    return {"weights": "int8, a scale a channel", "activations": "float32"}


def _recipe(work: Any) -> None:
    from ai_edge_quantizer.qtyping import TFLOperationName

    work.add_weight_only_config(tflite.EVERYTHING, TFLOperationName.ALL_SUPPORTED, num_bits=8)
