"""fp16: weights as 16-bit floats, arithmetic in float32. Half the bytes, nearly fp32's answers, fp32's time.

Activations stay in float32 because those of some families (MobileBERT) grow beyond 65,504, the largest fp16; and
processors without fp16 arithmetic would convert around every operator.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from converters.errors import ConversionError
from converters.graph_spec import Format
from edgebert.errors import require
from edgebert.quantize import onnx_file, tflite
from edgebert.quantize.job import Job

FORMATS: tuple[Format, ...] = ("onnx", "tflite")
SAFER = None
MIXES = False
TO_8_BITS = False

LARGEST = float(np.finfo(np.float16).max)


def quantize(job: Job) -> dict[str, str]:
    """Write the fp16 form; see `edgebert.quantize.job.Scheme`.

    Raises:
        ConversionError: for a weight beyond fp16's range.
    """
    details = {"weights": "fp16", "activations": "float32"}
    if job.artefact.format == "tflite":
        tflite.write(job, _recipe)
    else:
        _onnx(job)
        onnx_file.note(job.target, details)
    return details


def _onnx(job: Job) -> None:
    """Weights of two dimensions and more become fp16, and are cast back: at load, or row by row behind a lookup."""
    require("onnx", "onnx")
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(job.source)
    graph = model.graph
    before: list[onnx.NodeProto] = []
    after: dict[str, onnx.NodeProto] = {}
    for weight in graph.initializer:
        if weight.data_type != TensorProto.FLOAT or len(weight.dims) < 2:
            continue
        values = numpy_helper.to_array(weight)
        if np.abs(values).max(initial=0) > LARGEST:
            raise ConversionError(f"{job.artefact.path}: a weight of {weight.name} is beyond fp16's range.")
        name, half = weight.name, f"{weight.name}_fp16"
        weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), half))
        readers = [node for node in graph.node if name in node.input]
        if any(node.op_type != "Gather" for node in readers):
            before.append(helper.make_node("Cast", [half], [name], to=TensorProto.FLOAT))
            continue
        for node in readers:
            rows, node.input[0], node.output[0] = node.output[0], half, f"{node.output[0]}_fp16"
            after[node.output[0]] = helper.make_node("Cast", [node.output[0]], [rows], to=TensorProto.FLOAT)
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend(before)
    for node in nodes:
        graph.node.extend(found for found in (node, after.get(node.output[0])) if found)
    onnx.save(model, job.target)


def _recipe(work: Any) -> None:
    from ai_edge_quantizer import qtyping
    from ai_edge_quantizer.quantizer import AlgorithmName

    half = qtyping.TensorQuantizationConfig(num_bits=16, dtype=qtyping.TensorDataType.FLOAT)
    work.update_quantization_recipe(
        tflite.EVERYTHING,
        qtyping.TFLOperationName.ALL_SUPPORTED,
        qtyping.OpQuantizationConfig(weight_tensor_config=half, compute_precision=qtyping.ComputePrecision.FLOAT),
        AlgorithmName.FLOAT_CASTING,
    )
