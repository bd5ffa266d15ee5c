"""int8, dynamic, one scale a tensor: for runtimes that read a scale a channel wrongly, as tflite-runtime 2.14 does.

A coarser grid than `int8`: a channel of small weights shares its scale with one of large ones.
"""

from __future__ import annotations

from typing import Any

from converters.graph_spec import Format
from edgebert.quantize import tflite
from edgebert.quantize.job import Job

FORMATS: tuple[Format, ...] = ("tflite",)
SAFER = "int8-weights"
MIXES = True
TO_8_BITS = True


def quantize(job: Job) -> dict[str, str]:
    """Write the int8 form; see `edgebert.quantize.job.Scheme`."""
    tflite.write(job, _recipe)
    return {"weights": "int8, a scale a tensor", "activations": "8-bit, scaled at run time"}


def _recipe(work: Any) -> None:
    from ai_edge_quantizer.qtyping import QuantGranularity, TFLOperationName

    work.add_dynamic_config(
        tflite.EVERYTHING, TFLOperationName.ALL_SUPPORTED, num_bits=8, granularity=QuantGranularity.TENSORWISE
    )
