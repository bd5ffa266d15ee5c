"""The files of all micro-models in a folder: a killed call goes on with those that are there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from converters.artefact import Artefact, load_list, save_list
from edgebert import console
from edgebert.errors import require
from edgebert.files import atomic
from edgebert.profile.micro.grid import Micro
from edgebert.profile.micro.onnx import OnnxWriter
from edgebert.profile.micro.tflite import TfliteWriter
from edgebert.profile.micro.writer import Writer, artefact
from edgebert.quantize import scheme
from edgebert.quantize.job import Job

WRITERS: dict[str, tuple[type[Writer], str, str]] = {
    "litert": (TfliteWriter, "ai_edge_litert", "tflite"),
    "ort": (OnnxWriter, "onnxruntime", "onnx"),
}
"""Of each engine: who writes its files, and the package and the extra that this takes."""
SCHEME = "int8"


@dataclass(frozen=True)
class MicroFile:
    """A file of a micro-model."""

    path: Path
    artefact: Artefact


def write(micros: list[Micro], engine: str, folder: Path) -> list[MicroFile]:
    """Write the files for an engine, fp32 and int8, into ``folder``.

    Raises:
        UserError: if a package is missing.
    """
    writer, package, extra = WRITERS[engine]
    require(package, extra)
    folder.mkdir(parents=True, exist_ok=True)
    return [file for micro in console.track(micros, f"writing {engine}") for file in _each(micro, writer, folder)]


def _each(micro: Micro, writer: type[Writer], folder: Path) -> Iterator[MicroFile]:
    path = folder / micro.name
    if not (path / "artefacts.json").is_file():
        with atomic(path) as temporary:
            temporary.mkdir()
            save_list(list(_make(micro, writer, temporary)), temporary)
    for one in load_list(path):
        yield MicroFile(path / one.path, one)


def _make(micro: Micro, writer: type[Writer], folder: Path) -> Iterator[Artefact]:
    to = writer()
    found = micro.write(to)
    columns = to.shape(found)[-1]
    source = folder / f"{micro.name}-fp32.{to.format}"
    to.save(found, source)
    plain = artefact(source, to.format, "fp32", micro.rows, columns)
    yield plain
    if micro.is_quantised:
        target = folder / f"{micro.name}-{SCHEME}.{to.format}"
        job = Job(
            source=source, target=target, artefact=plain, seven_bits=False, in_float=frozenset(),
            ranges=lambda: source, outliers=set,
        )  # fmt: skip
        scheme(SCHEME).quantize(job)
        yield artefact(target, to.format, SCHEME, micro.rows, columns)
