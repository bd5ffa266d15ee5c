"""A torch module and a `GraphSpec` in, an ONNX or TFLite file out.

Depends on nothing of edgebert: it serves anyone with a torch module. Importing it loads neither torch nor exporters.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from converters.artefact import Artefact, Entry, digest, load_list, save_list, whole
from converters.deployment import Deployment, Part
from converters.errors import ConversionError, UnsupportedModel
from converters.graph_spec import GraphSpec, TensorSpec
from converters.metadata import TextClassifier

__all__ = [
    "Artefact",
    "ConversionError",
    "Deployment",
    "Entry",
    "GraphSpec",
    "Part",
    "TensorSpec",
    "TextClassifier",
    "UnsupportedModel",
    "convert",
    "load_list",
    "save_list",
]

TO_QUANTIZE = "to-quantize"
"""Folder beside the files, of those in another arrangement that quantisers read in their place."""


def convert(
    deployment: Deployment, folder: Path, stem: str, classifier: TextClassifier | None = None
) -> list[Artefact]:
    """Write the float32 files of a deployment; those that are already there are left as they are.

    Args:
        deployment: modules, and the spec that says what their files must be.
        folder: where the files go; `save_list` writes the list of several deployments beside them.
        stem: beginning of the file names, `STEM-s128-fp32.tflite`.
        classifier: vocabulary, labels and words for the metadata of the target "mediapipe"; no other has any.

    Raises:
        ConversionError: if a file came out with other inputs or outputs than asked for, or with operators that are
            not built into the runtime; or if ``classifier`` is missing, or not wanted.
    """
    if (deployment.spec.target == "mediapipe") != (classifier is not None):
        raise ConversionError("Files for MediaPipe, and no others, have metadata: name the classifier for them alone.")
    exporter = importlib.import_module(f"converters.{deployment.spec.format}")
    artefacts = []
    for part in deployment.parts:
        path = folder / f"{'-'.join(filter(None, (stem, part.name, 'fp32')))}.{deployment.spec.format}"
        entries = _entries(part, deployment.spec)
        _write(path, entries, deployment.spec, classifier, partial(exporter.convert, part))
        source = None
        if deployment.spec.format == "tflite" and exporter.quantises_otherwise(part.module):
            source = folder / TO_QUANTIZE / path.name
            _write(source, entries, deployment.spec, classifier, partial(exporter.convert, part, to_8_bits=True))
        artefacts.append(_artefact(path, source, entries, deployment))
    return artefacts


def _write(
    path: Path,
    entries: tuple[Entry, ...],
    spec: GraphSpec,
    classifier: TextClassifier | None,
    export: Callable[[GraphSpec, tuple[Entry, ...], Path], None],
) -> None:
    """Write a file and look at what came out, unless it is there."""
    if path.is_file():
        return
    from converters import associated_files, metadata
    from converters.lint import check

    with whole(path) as temporary:
        export(spec, entries, temporary)
        if classifier:
            metadata.write(temporary, classifier)
            associated_files.append(temporary, classifier.files)
        check(temporary, entries, spec.output_spec())


def _entries(part: Part, spec: GraphSpec) -> tuple[Entry, ...]:
    if spec.format == "onnx":
        return tuple(Entry(signature=None, length=n, inputs=spec.input_specs(n)) for n in part.lengths or (None,))
    named = {n: spec.signature if len(part.lengths) == 1 else f"{spec.signature}_{n}" for n in part.lengths}
    return tuple(Entry(signature=name, length=n, inputs=spec.input_specs(n)) for n, name in named.items())


def _artefact(path: Path, source: Path | None, entries: tuple[Entry, ...], deployment: Deployment) -> Artefact:
    spec = deployment.spec
    return Artefact(
        path=path.name,
        format=spec.format,
        scheme="fp32",
        entries=entries,
        output=spec.output_spec(),
        driver=deployment.driver,
        sha256=digest(path),
        bytes=path.stat().st_size,
        to_quantize=f"{TO_QUANTIZE}/{source.name}" if source else None,
    )
