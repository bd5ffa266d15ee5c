"""edgebert's own files, in the two runtimes that they are for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.peers import sessions
from benchmarks.peers.engine import CALIBRATION_ROWS, Feeds, Job, Session, Variant
from converters.artefact import load_list
from edgebert.files import atomic
from edgebert.runtimes.token_file import TokenFile

ENVIRONMENT = None
SERVED_IN = ENVIRONMENT
TFLITE = "a signature for each length; LiteRT's CompiledModel, XNNPACK, packed weights shared"
STATIC = f"scheme int8-static, {CALIBRATION_ROWS} rows"
VARIANTS = {
    "litert-fp32": Variant("fp32", f"TFLite, {TFLITE}", "README.md"),
    "litert-int8": Variant("int8", f"TFLite, scheme int8, {TFLITE}", "README.md"),
    "litert-int8-static": Variant("int8", f"TFLite, {STATIC}, {TFLITE}", "README.md"),
    "ort-fp32": Variant("fp32", "ONNX of any length; ONNX Runtime", "README.md"),
    "ort-int8": Variant("int8", "ONNX of any length, scheme int8; ONNX Runtime", "README.md"),
    "ort-int8-static": Variant("int8", f"ONNX of any length, {STATIC}; ONNX Runtime", "README.md"),
}
ROOMS = FLOAT, SMALLER = "fp32", "smaller"
"""Folders of the files."""


def build(variant: str, job: Job, folder: Path) -> None:
    """What `edgebert convert` and `edgebert quantize` do: the files of all variants, made for the first that asks."""
    from edgebert import quantize
    from edgebert.convert import write_files
    from edgebert.models.load import load
    from edgebert.recipes.options import ConvertOptions, QuantizeOptions

    smaller = folder / SMALLER
    if smaller.exists():
        return
    tokens = TokenFile(job.calibration)

    def calibration(length: int | None) -> Iterator[Feeds]:
        """Rows that fit, which are those that an app would run at this length."""
        return (tokens.feeds(row, length) for row, own in enumerate(tokens.lengths) if length is None or own <= length)

    model = load(job.checkpoint)
    options = ConvertOptions(lengths=job.lengths)
    write_files(model, "own", model.config.num_labels, options, folder / FLOAT)
    schemes = QuantizeOptions(schemes=("int8", "int8-static"))
    with atomic(smaller) as temporary:
        quantize.quantize(folder / FLOAT, schemes, temporary, calibration)


def open(variant: str, folder: Path, threads: int) -> Session:
    """The files of a variant."""
    runtime, scheme = variant.split("-", 1)
    room = folder / (FLOAT if scheme == "fp32" else SMALLER)
    paths = {file.format: room / file.path for file in load_list(room) if file.scheme == scheme}
    if runtime == "ort":
        return sessions.onnx(paths["onnx"], threads)
    return sessions.tflite_signatures(paths["tflite"], threads)
