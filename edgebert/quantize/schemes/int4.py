"""int4: word embeddings, most of a small student's bytes, as 4-bit integers with a scale for 32 numbers.

It saves bytes, not time. Products are 4-bit in ONNX too (MatMulNBits). In TFLite they are 8-bit as in `int8`: with a
scale a channel 4 bits lost 6 points on a trained TinyBERT-4, and with one for 32 numbers LiteRT's own kernel, used
where XNNPACK is switched off, is wrong without a word. A TFLite embedding whose width is no multiple of 32 has a scale
a row, which loses more.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from converters.graph_spec import Format
from converters.lint import tflite_file
from converters.quiet import quiet
from edgebert.errors import require
from edgebert.quantize import onnx_file, tflite
from edgebert.quantize.job import Job

FORMATS: tuple[Format, ...] = ("onnx", "tflite")
SAFER = "int8"
MIXES = False  # with the embeddings in float32 the file would be larger than int8
TO_8_BITS = True

BLOCK = 32
ACTIVATIONS = {"activations": "8-bit, scaled at run time"}


def quantize(job: Job) -> dict[str, str]:
    """Write the int4 form; see `edgebert.quantize.job.Scheme`."""
    if job.artefact.format == "tflite":
        in_blocks = all(width % BLOCK == 0 for width in _widths(job.source))
        tflite.write(job, partial(_recipe, in_blocks))
        scales = f"for {BLOCK} numbers" if in_blocks else "a row"
        return {"weights": f"int4 embeddings, a scale {scales}; int8 products", **ACTIVATIONS}
    details = {"weights": f"int4, a scale for {BLOCK} numbers", **ACTIVATIONS}
    require("onnxruntime", "onnx")
    with quiet():
        import onnx
        from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
        from onnxruntime.quantization.onnx_model import ONNXModel

        graph = ONNXModel(onnx.load(job.source))
        graph.replace_gemm_with_matmul()  # the quantiser knows no Gemm
        work = MatMulNBitsQuantizer(
            graph.model, bits=4, block_size=BLOCK, is_symmetric=True, accuracy_level=4,
            op_types_to_quantize=("MatMul", "Gather"), quant_axes=(("MatMul", 0), ("Gather", 1)),
        )  # fmt: skip
        work.process()
        work.model.save_model_to_file(str(job.target))
    onnx_file.note(job.target, details)
    return details


def _recipe(in_blocks: bool, work: Any) -> None:
    from ai_edge_quantizer.qtyping import QuantGranularity, TFLOperationName

    grain = QuantGranularity.BLOCKWISE_32 if in_blocks else QuantGranularity.CHANNELWISE
    work.add_dynamic_config(tflite.EVERYTHING, TFLOperationName.ALL_SUPPORTED, num_bits=8)
    work.add_dynamic_config(tflite.EVERYTHING, TFLOperationName.EMBEDDING_LOOKUP, num_bits=4, granularity=grain)


def _widths(path: Path) -> list[int]:
    """Of the embedding tables of a TFLite file."""
    graph = tflite_file.read(path).graphs[0]
    tables = [operator.inputs[1] for operator in graph.operators if operator.kind == "EMBEDDING_LOOKUP"]
    return [int((graph.values[table].shape or (0, 0))[1]) for table in tables]
