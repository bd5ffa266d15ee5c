"""The same sentence padded to any length must get the same answer."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edgebert import runtimes
from edgebert.recipes.options import VerifyOptions
from edgebert.runtimes.jobs import ModelFile, RunJob
from edgebert.store import machine
from edgebert.verify.compare import as_values
from edgebert.verify.dev import Dev
from edgebert.verify.scores import Padding

Outputs = npt.NDArray[np.float32]


def check_padding(checked: Sequence[tuple[ModelFile, Outputs]], dev: Dev, options: VerifyOptions) -> list[Padding]:
    """Compare some short rows at every length they fit in.

    Args:
        checked: files, each with one entry, and their outputs on all dev rows in the runtime that decides
            [rows, outputs].
        dev: the dev rows.
        options: the tolerance for fp32 files. A quantised file has none: it may scale its numbers by what the padding
            holds, and what that costs is in its metric.

    Returns:
        One record for each file of any length, which is run padded too, and one for each set of files, or
        signatures, of fixed lengths.
    """
    places, lengths, tokens = dev.short_rows()
    if not len(places):
        return []
    found = []
    fixed: dict[tuple[str, str], list[tuple[ModelFile, Outputs]]] = {}
    for file, outputs in checked:
        artefact = file.artefact
        if artefact.length is None:
            padded = [_padded(file, tokens, length, options) for length in lengths]
            found.append(_compare([file], (None, *lengths), [outputs[places], *padded], dev, options))
        elif artefact.length in lengths:
            fixed.setdefault((artefact.format, artefact.scheme), []).append((file, outputs[places]))
    for members in fixed.values():
        if len(members) > 1:
            files = [file for file, _ in members]
            at = tuple(file.artefact.length for file in files)
            found.append(_compare(files, at, [outputs for _, outputs in members], dev, options))
    return found


def _padded(file: ModelFile, tokens: Path, length: int, options: VerifyOptions) -> Outputs:
    with tempfile.TemporaryDirectory(prefix="edgebert-") as scratch:
        out = Path(scratch) / "outputs.npy"
        job = RunJob(file, tokens, out, threads=int(machine()["cores"]), pad_to=length)
        runtimes.choose(options.runtimes, file.artefact.format)[0].run(job)
        outputs: Outputs = np.load(out)
        return outputs


def _compare(
    files: Sequence[ModelFile],
    lengths: tuple[int | None, ...],
    outputs: Sequence[Outputs],
    dev: Dev,
    options: VerifyOptions,
) -> Padding:
    first = files[0].artefact
    stacked = np.stack(outputs)
    values = np.stack([as_values(one, first.output.name, dev.kind) for one in outputs])
    change = float(np.ptp(values, axis=0).max()) / dev.kind.unit(dev.targets)
    return Padding(
        format=first.format,
        scheme=first.scheme,
        files=tuple(dict.fromkeys(file.artefact.path for file in files)),
        lengths=lengths,
        rows=stacked.shape[1],
        max_logit_difference=float(np.ptp(stacked, axis=0).max()) if first.output.name == "logits" else None,
        max_difference=change,
        passed=first.scheme != "fp32" or change <= options.fp32_tolerance,
    )
