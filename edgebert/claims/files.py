"""The files of the papers' models, one model in memory at a time: fp32, and int8 made of it."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path

from edgebert import console, quantize
from edgebert.claims.models import LABELS, Builders
from edgebert.convert import write_files
from edgebert.files import read_json, write_json
from edgebert.recipes.options import ConvertOptions, QuantizeOptions
from edgebert.runtimes.jobs import ModelFile

SCHEMES = ("fp32", "int8")


def write_all(
    names: Sequence[str], builders: Builders, length: int, folder: Path, schemes: Sequence[str] = SCHEMES
) -> None:
    """Write each model's TFLite files of ``length`` tokens into folders of its own; those that are there are kept."""
    for name in console.track(names, "exporting the papers' models"):
        own = folder / name
        if (own / "counts.json").is_file():
            continue
        model = builders[name]()
        options = ConvertOptions(lengths=(length,), formats=("tflite",))
        write_files(model, name, len(LABELS), options, own / "fp32")
        counts = model.counts(length)
        del model
        gc.collect()  # the largest takes 1.3 GB, and the quantiser several times that
        if "int8" in schemes:
            quantize.quantize(own / "fp32", QuantizeOptions(schemes=("int8",)), own / "int8")
        write_json(own / "counts.json", {"parameters": counts.parameters, "macs": counts.macs})


def file_of(folder: Path, name: str, scheme: str) -> ModelFile:
    """A model's file of a precision."""
    from converters.artefact import load_list

    (artefact,) = load_list(folder / name / scheme)
    return ModelFile(folder / name / scheme, artefact)


def macs_of(folder: Path, name: str) -> int:
    """Multiply-adds of a model, one text at the full length."""
    return int(read_json(folder / name / "counts.json")["macs"])
