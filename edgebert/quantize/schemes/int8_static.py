"""int8, static: weights int8 per channel, activations by ranges from the calibration rows.

Only products with weights and embeddings are quantised. Softmax, normalisation and the products inside the attention
stay in float32: an additive mask would take up all of an 8-bit range. So does the last product, whose output the ranges
would clip; inputs and output are those of the fp32 file. In TFLite, products of outliers find their scales at run time.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from converters.graph_spec import Format
from converters.quiet import quiet
from edgebert.errors import require
from edgebert.quantize import embeddings, onnx_file, tflite
from edgebert.quantize.blocks import last_operators, operators
from edgebert.quantize.job import Job

FORMATS: tuple[Format, ...] = ("onnx", "tflite")
SAFER = "int8"
MIXES = True
TO_8_BITS = True


def quantize(job: Job) -> dict[str, str]:
    """Write the int8 form; see `edgebert.quantize.job.Scheme`."""
    details = {"weights": "int8, a scale a channel", "activations": "8-bit, scaled by calibration"}
    last = last_operators(job.source, job.artefact.format)
    if job.artefact.format == "tflite":
        outliers = job.outliers()
        tflite.write(job, partial(_recipe, job, outliers), also_in_float=last, ranges=job.ranges())
        if outliers:
            details["scaled_at_run_time"] = ", ".join(sorted(outliers))
        return details
    require("onnxruntime", "onnx")
    with quiet():
        import onnx
        from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

        weighty = {operator.name for operator in operators(job.source, job.artefact.format)}
        chosen = weighty.difference(job.left_out(), last)
        model = onnx.load(job.source)
        rest = [node.name for node in model.graph.node if node.name not in chosen]
        embeddings.by_rows(model, rest)
        quantize_static(
            model, job.target, None, quant_format=QuantFormat.QDQ, per_channel=True, reduce_range=job.seven_bits,
            activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, calibration_cache_path=job.ranges(),
            op_types_to_quantize=["MatMul", "Gemm"], nodes_to_exclude=rest,
            # What reads a product, be it a sum or an activation, reads float32.
            extra_options={"MatMulConstBOnly": True, "OpTypesToExcludeOutputQuantization": ["MatMul", "Gemm"]},
        )  # fmt: skip
    details["reduce_range"] = str(job.seven_bits).lower()
    onnx_file.note(job.target, details)
    return details


def _recipe(job: Job, outliers: set[str], work: Any) -> None:
    from ai_edge_quantizer.qtyping import TFLOperationName

    # Its static form of embeddings does not exist: "Unsupported op for ComputePrecision.INTEGER".
    work.add_dynamic_config(tflite.EVERYTHING, TFLOperationName.EMBEDDING_LOOKUP, num_bits=8)
    dense = TFLOperationName.FULLY_CONNECTED
    work.add_static_config(tflite.EVERYTHING, dense, activation_num_bits=8, weight_num_bits=8)
    if wide := [operator.name for operator in operators(job.source, "tflite") if operator.module in outliers]:
        work.add_dynamic_config(tflite.only(wide), dense, num_bits=8)
