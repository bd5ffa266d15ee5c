"""edgebert's own files, in the two runtimes that they are for."""

from __future__ import annotations

from pathlib import Path

from benchmarks.peers import sessions
from benchmarks.peers.engine import Job, Session, Variant
from converters.artefact import load_list

ENVIRONMENT = None
SERVED_IN = ENVIRONMENT
VARIANTS = {
    "litert-fp32": Variant(
        "fp32",
        "TFLite, a signature for each length; LiteRT's CompiledModel, XNNPACK, packed weights shared",
        "README.md",
    ),
    "litert-int8": Variant(
        "int8",
        "TFLite, scheme int8, a signature for each length; LiteRT's CompiledModel, XNNPACK, packed weights shared",
        "README.md",
    ),
    "ort-fp32": Variant("fp32", "ONNX of any length; ONNX Runtime", "README.md"),
    "ort-int8": Variant("int8", "ONNX of any length, scheme int8; ONNX Runtime", "README.md"),
}


def build(variant: str, job: Job, folder: Path) -> None:
    """What `edgebert convert` and `edgebert quantize` do; the files of all variants at once."""
    from edgebert import quantize
    from edgebert.convert import write_files
    from edgebert.models.load import load
    from edgebert.recipes.options import ConvertOptions, QuantizeOptions

    model = load(job.checkpoint)
    options = ConvertOptions(lengths=job.lengths)
    write_files(model, "own", model.config.num_labels, options, folder / "fp32")
    quantize.quantize(folder / "fp32", QuantizeOptions(schemes=("int8",)), folder / "int8")


def open(variant: str, folder: Path, threads: int) -> Session:
    """The files of a variant."""
    runtime, precision = variant.split("-")
    paths = {file.format: folder / precision / file.path for file in load_list(folder / precision)}
    if runtime == "ort":
        return sessions.onnx(paths["onnx"], threads)
    return sessions.tflite_signatures(paths["tflite"], threads)
