"""int8, dynamic: weights int8 per channel, activations quantised at run time by what they are. No calibration.

ONNX Runtime quantises all rows of activations with one scale: see `edgebert.quantize.rows`. ONNX keeps positions in
float32; word embeddings and the classification head are 8-bit in both formats.
tflite-runtime 2.14 and older read a scale a channel wrongly, without a word: `int8-tensor` is for those.
"""

from __future__ import annotations

from typing import Any

from converters.graph_spec import Format
from converters.quiet import quiet
from edgebert.errors import require
from edgebert.quantize import embeddings, onnx_file, rows, tflite
from edgebert.quantize.job import Job

FORMATS: tuple[Format, ...] = ("onnx", "tflite")
SAFER = "fp16"
MIXES = True
TO_8_BITS = True


def quantize(job: Job) -> dict[str, str]:
    """Write the int8 form; see `edgebert.quantize.job.Scheme`."""
    details = {"weights": "int8, a scale a channel", "activations": "8-bit, scaled at run time"}
    if job.artefact.format == "tflite":
        tflite.write(job, _recipe)
        return details
    require("onnxruntime", "onnx")
    # The quantiser takes each Gemm apart before it looks which to leave out, and renames it.
    left_out = [name for found in job.left_out() for name in (found, f"{found}_MatMul")]
    with quiet():
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic

        model = onnx.load(job.source)
        embeddings.by_rows(model, left_out)
        rows.alike(model, left_out)
        quantize_dynamic(
            model, job.target, per_channel=True, reduce_range=job.seven_bits, weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "LSTM"], nodes_to_exclude=left_out,
        )  # fmt: skip
    details["reduce_range"] = str(job.seven_bits).lower()
    onnx_file.note(job.target, details)
    return details


def _recipe(work: Any) -> None:
    from ai_edge_quantizer.qtyping import TFLOperationName

    work.add_dynamic_config(tflite.EVERYTHING, TFLOperationName.ALL_SUPPORTED, num_bits=8)
