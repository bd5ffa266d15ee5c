"""What verify found: one record a file, one a set of files, one a padding check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgebert.files import read_json, write_json

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Worst:
    """A dev row whose probabilities a file changes most.

    Attributes:
        row: place in the dev split, from 0.
        text: the text, or the first of a pair.
        pair: the second of a pair.
        label: name of the gold label.
        student: probabilities of the PyTorch student, in the order of the task's labels.
        file: probabilities of the file.
        change: the largest difference between the two.
    """

    row: int
    text: str
    pair: str | None
    label: str | None
    student: tuple[float, ...]
    file: tuple[float, ...]
    change: float


@dataclass(frozen=True, kw_only=True)
class FileScore:
    """One file in one runtime on all dev rows, against the student at the same cut.

    A file with several signatures has a record for each, under the same name. Beside them stand the records of sets:
    files, or signatures, used by length.

    Attributes:
        file: name of the file; None for a set.
        files: the file, or the files of the set.
        format: "onnx" or "tflite".
        scheme: precision.
        length: fixed token length; None for any length, and for a set.
        driver: how the file and its siblings are used; "by-length" or "by-signature" in a record of a set.
        sha256: digest of the bytes that were run; None for a set.
        bytes: size, of all files.
        engine: the runtime's name.
        engine_version: its version.
        decides: whether this runtime decides if the file may ship: the first one asked for that reads its format.
        rows: dev rows.
        cut_rows: rows with more than `cut_at` tokens.
        cut_at: where rows are cut.
        metrics: all metrics of the task's kind, points; None if the engine could not run the file on all rows.
        drop: the student's metric minus the file's, points.
        agreement: percent of rows with the student's label.
        max_probability_change: over all rows and labels.
        max_logit_difference: likewise; None too where the file gives probabilities.
        worst: rows with the largest change, the largest first.
        reasons: why the file is not good enough; empty if it is.
    """

    file: str | None
    files: tuple[str, ...]
    format: str
    scheme: str
    length: int | None
    driver: str
    sha256: str | None
    bytes: int
    engine: str
    engine_version: str
    rows: int
    cut_rows: int
    cut_at: int
    metrics: dict[str, float] | None = None
    drop: float | None = None
    agreement: float | None = None
    max_probability_change: float | None = None
    max_logit_difference: float | None = None
    worst: tuple[Worst, ...] = ()
    reasons: tuple[str, ...] = ()
    decides: bool = True

    @property
    def passed(self) -> bool:
        """Whether the file is right in this runtime."""
        return not self.reasons


@dataclass(frozen=True, kw_only=True)
class Padding:
    """The same rows at several lengths, through one file of any length or through files of fixed lengths.

    Attributes:
        format: "onnx" or "tflite".
        scheme: precision.
        files: the files compared.
        lengths: tokens, padding included; None for no padding.
        rows: how many rows were compared.
        max_logit_difference: between any two lengths; None where the files give probabilities.
        max_probability_difference: likewise.
        passed: whether the probabilities stay within the tolerance; True for a quantised file, which has none.
    """

    format: str
    scheme: str
    files: tuple[str, ...]
    lengths: tuple[int | None, ...]
    rows: int
    max_logit_difference: float | None
    max_probability_difference: float
    passed: bool


@dataclass(frozen=True, kw_only=True)
class Scores:
    """All that verify found.

    Attributes:
        metric: the metric that the gate looks at.
        max_drop: points of it that a quantised file may lose.
        fp32_tolerance: how far a probability of an fp32 file may be from the student's.
        rows: dev rows.
        student: the student's own metrics with texts cut at each length.
        files: one record a file.
        drivers: one record a set of files used by length.
        padding: one record a set of files at several lengths.
    """

    metric: str
    max_drop: float
    fp32_tolerance: float
    rows: int
    student: dict[int, dict[str, float]]
    files: tuple[FileScore, ...]
    drivers: tuple[FileScore, ...]
    padding: tuple[Padding, ...]

    @property
    def rejected(self) -> tuple[FileScore, ...]:
        """Files and sets that are not good enough to ship."""
        return tuple(score for score in (*self.files, *self.drivers) if not score.passed and score.decides)

    @property
    def refused(self) -> tuple[FileScore, ...]:
        """Files and sets that are wrong in a runtime which does not decide: they ship, but not for that one."""
        return tuple(score for score in (*self.files, *self.drivers) if not score.passed and not score.decides)

    @property
    def unserved(self) -> tuple[str, ...]:
        """Runtimes, name and version, in which none of the int8 files that they were given is right."""
        right: dict[str, bool] = {}
        for score in self.files:
            if score.scheme.startswith("int8"):
                runtime = f"{score.engine} {score.engine_version}"
                right[runtime] = right.get(runtime, score.decides) or score.passed
        return tuple(runtime for runtime, served in right.items() if not served)

    @property
    def passed(self) -> bool:
        """Whether everything may ship."""
        return not self.rejected

    def file(self, name: str) -> FileScore:
        """The first record of a file: in the runtime that decides, of its shortest signature."""
        return self.checks(name)[0]

    def checks(self, name: str) -> list[FileScore]:
        """All records of a file: a runtime each, and a signature each."""
        return [score for score in self.files if score.file == name]

    def save(self, path: Path) -> None:
        """Write as JSON."""
        values = asdict(self)
        for kind, scores in (("files", self.files), ("drivers", self.drivers)):
            for record, score in zip(values[kind], scores, strict=True):
                record["passed"] = score.passed
        write_json(path, {"schema": SCHEMA, **values})

    @classmethod
    def load(cls, path: Path) -> Scores:
        """Read what `save` wrote."""
        values = read_json(path)
        del values["schema"]
        return cls(
            **{
                **values,
                "student": {int(length): metrics for length, metrics in values["student"].items()},
                "files": tuple(_file_score(value) for value in values["files"]),
                "drivers": tuple(_file_score(value) for value in values["drivers"]),
                "padding": tuple(Padding(**_tuples(value)) for value in values["padding"]),
            }
        )


def _file_score(values: Mapping[str, Any]) -> FileScore:
    fields = {**_tuples(values), "worst": tuple(Worst(**_tuples(worst)) for worst in values["worst"])}
    del fields["passed"]
    return FileScore(**fields)


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
