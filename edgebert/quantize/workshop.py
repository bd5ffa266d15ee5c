"""Making and scoring quantised files, each once: a killed search goes on with what it knows."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import cast

from converters import associated_files, lint
from converters.artefact import Artefact, digest, load_list, save_list, whole
from converters.graph_spec import Format
from edgebert import registry
from edgebert.files import read_json, write_json
from edgebert.quantize.choice import Attempt, Score
from edgebert.quantize.job import Calibration, Job, Scheme
from edgebert.quantize.outliers import find_outliers
from edgebert.quantize.ranges import write_ranges

ROOM = "quantize/schemes"


def names() -> list[str]:
    """Names of the schemes there are, beside "fp32", which is none."""
    return registry.names(ROOM)


def scheme(name: str) -> Scheme:
    """The scheme called ``name``.

    Raises:
        UserError: if there is none, the nearest names suggested.
    """
    return cast("Scheme", registry.load(ROOM, name, "--schemes"))


class Workshop:
    """Where candidates are made.

    Args:
        source: folder of the fp32 files with their list.
        scratch: folder for candidates, their losses and the ranges of activations; kept between calls.
        calibration: rows for schemes that need them.
        score: says what files lose; None where there are no rows to say it on.
        seven_bits: whether weights of ONNX files keep to 7 bits.

    Attributes:
        runs: candidates scored so far, those of a killed call included.
    """

    def __init__(
        self, source: Path, scratch: Path, calibration: Calibration, score: Score | None, seven_bits: bool
    ) -> None:
        self.source, self.runs = source, 0
        self._scratch, self._calibration, self._score, self._seven_bits = scratch, calibration, score, seven_bits

    def float_files(self, format: Format) -> list[Artefact]:
        """The fp32 files of a format."""
        return [artefact for artefact in load_list(self.source) if artefact.format == format]

    def float_path(self, artefact: Artefact, name: str) -> Path:
        """The fp32 file that a scheme reads, of those that are the same function."""
        other = artefact.to_quantize if scheme(name).TO_8_BITS else None
        return self.source / (other or artefact.path)

    def attempt(self, name: str, format: Format, in_float: Sequence[str] = (), *, keep: bool = True) -> Attempt:
        """Make all files of a format and score them, unless that was done before.

        Args:
            name: of the scheme.
            format: of the files.
            in_float: blocks to leave in float32.
            keep: whether `take` may ask for the files; else only what they lose is kept.
        """
        folder = self._folder(name, format, in_float)
        record = folder.with_suffix(".json")
        self.runs += self._score is not None
        if record.is_file():
            return Attempt.from_dict(read_json(record))
        files = self._make(name, format, in_float, folder)
        loss = self._score(folder, files) if self._score else None
        attempt = Attempt(scheme=name, in_float=tuple(in_float), bytes=sum(f.bytes for f in files), loss=loss)
        write_json(record, asdict(attempt))
        if not keep:
            shutil.rmtree(folder)
        return attempt

    def take(self, attempt: Attempt, format: Format, target: Path) -> list[Artefact]:
        """Move the files of an attempt into ``target``; those already there are left as they are."""
        folder = self._folder(attempt.scheme, format, attempt.in_float)
        files = load_list(folder)
        for file in files:
            if (folder / file.path).is_file():
                (folder / file.path).replace(target / file.path)
        return files

    def _make(self, name: str, format: Format, in_float: Sequence[str], folder: Path) -> list[Artefact]:
        called = Attempt(scheme=name, in_float=tuple(in_float), bytes=0, loss=None).name
        files = [self._file(name, called, source, frozenset(in_float), folder) for source in self.float_files(format)]
        save_list(files, folder)
        return files

    def _file(self, name: str, called: str, before: Artefact, in_float: frozenset[str], folder: Path) -> Artefact:
        path = folder / before.path.replace("-fp32.", f"-{called}.")
        source = self.float_path(before, name)
        with whole(path) as temporary:
            ranges = partial(write_ranges, source, before, self._calibration, self._kept(before, "ranges"))
            job = Job(
                source=source, target=temporary, artefact=before, seven_bits=self._seven_bits, in_float=in_float,
                ranges=ranges,
                outliers=lambda: find_outliers(
                    source, before, self._calibration, ranges(), self._kept(before, "outliers")
                ),
            )  # fmt: skip
            details = scheme(name).quantize(job)
            lint.check(temporary, before.entries, before.output)
            associated_files.append(temporary, associated_files.read(source))  # quantisers drop what lies behind
        if in_float:
            details["in_float"] = ", ".join(sorted(in_float))
        return replace(
            before, path=path.name, scheme=called, sha256=digest(path), bytes=path.stat().st_size, quantization=details,
            to_quantize=None,
        )  # fmt: skip

    def _kept(self, artefact: Artefact, what: str) -> Path:
        return self._scratch / f"{artefact.path}.{what}.json"

    def _folder(self, name: str, format: Format, in_float: Sequence[str]) -> Path:
        parts = [format, name]
        if in_float:
            parts.append(hashlib.sha256("\n".join(sorted(in_float)).encode()).hexdigest()[:12])
        return self._scratch / "-".join(parts)
