"""What verify found: one record a file, one a set of files, one a padding check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgebert.files import read_json, write_json
from edgebert.verify.interval import Kept

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Worst:
    """A dev row whose answer a file changes most.

    Attributes:
        row: place in the dev split, from 0.
        text: the text, or the first of a pair; its beginning where it is long.
        pair: the second of a pair, likewise.
        label: the gold answer in words.
        student: probabilities of the PyTorch student, in the order of the task's labels; or its number.
        file: likewise of the file.
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
        metrics: all metrics of the task's kind; None if the engine could not run the file on all rows.
        drop: the student's metric minus the file's, points.
        agreement: percent of rows with the student's answer; None for numbers too, which are near or far.
        max_change: of a probability over all rows and labels; of a number in standard deviations of the dev column.
        max_logit_difference: likewise; None too where the file gives probabilities.
        kept_of_student: percent of the PyTorch student's metric at the same cut, with its interval.
        kept_of_teacher: percent of the teacher's metric, its texts cut at the longest length; None without a teacher.
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
    max_change: float | None = None
    max_logit_difference: float | None = None
    kept_of_student: Kept | None = None
    kept_of_teacher: Kept | None = None
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
        max_difference: likewise of what `FileScore.max_change` is of.
        passed: whether this stays within the tolerance; True for a quantised file, which has none.
    """

    format: str
    scheme: str
    files: tuple[str, ...]
    lengths: tuple[int | None, ...]
    rows: int
    max_logit_difference: float | None
    max_difference: float
    passed: bool


@dataclass(frozen=True, kw_only=True)
class MediaPipeCheck:
    """A file in MediaPipe's Text Classifier.

    Attributes:
        file: name of the file.
        version: of MediaPipe.
        rows: dev texts, evenly spaced, that it was asked.
        split_otherwise: those that its tokenizer splits otherwise than the model's own, at the file's length.
        other_label: of the rest, those that got another best label than from LiteRT.
        max_difference: of a score, over the rest.
        failure: why it does not run the file, if so.
    """

    file: str
    version: str
    rows: int
    split_otherwise: int = 0
    other_label: int = 0
    max_difference: float = 0.0
    failure: str | None = None

    @property
    def reason(self) -> str | None:
        """Why the file may not ship; None where it answers the same texts the same."""
        if self.failure or not self.other_label:
            return self.failure
        return (
            f"MediaPipe's Text Classifier gives {self.other_label} of {self.rows - self.split_otherwise} texts that it "
            "reads as the model does another label than LiteRT."
        )


@dataclass(frozen=True, kw_only=True)
class Scores:
    """All that verify found.

    Attributes:
        metric: the metric that the gate looks at.
        max_drop: points of it that an int8 file may lose.
        fp16_max_drop: points of it that an fp16 file may lose.
        fp32_tolerance: how far an fp32 file may be from the student, in the unit of `FileScore.max_change`.
        value: what that unit is, in words.
        unit: of the task's own, how much it is.
        rows: dev rows.
        student: the student's own metrics with texts cut at each length.
        files: one record a file.
        drivers: one record a set of files used by length.
        padding: one record a set of files at several lengths.
        mediapipe: one record a file that was made for MediaPipe, where that is set up.
        kept_of_teacher: percent of the teacher's metric that the PyTorch student keeps, with its interval.
    """

    metric: str
    max_drop: float
    fp16_max_drop: float
    fp32_tolerance: float
    value: str
    unit: float
    rows: int
    student: dict[int, dict[str, float]]
    files: tuple[FileScore, ...]
    drivers: tuple[FileScore, ...]
    padding: tuple[Padding, ...]
    mediapipe: tuple[MediaPipeCheck, ...] = ()
    kept_of_teacher: Kept | None = None

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
                "mediapipe": tuple(MediaPipeCheck(**value) for value in values.get("mediapipe", ())),
                "kept_of_teacher": _kept(values, "kept_of_teacher"),
            }
        )


def _file_score(values: Mapping[str, Any]) -> FileScore:
    fields = {**_tuples(values), "worst": tuple(Worst(**_tuples(worst)) for worst in values["worst"])}
    fields |= {name: _kept(values, name) for name in ("kept_of_student", "kept_of_teacher")}
    del fields["passed"]
    return FileScore(**fields)


def _kept(values: Mapping[str, Any], name: str) -> Kept | None:
    found = values.get(name)
    return Kept(**found) if found else None


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
