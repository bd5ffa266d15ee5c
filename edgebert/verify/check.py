"""Run every file on every dev row in its real engine, and hold it against the student."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from converters.artefact import Artefact, load_list
from edgebert import console, runtimes
from edgebert.files import sha256
from edgebert.recipes.options import VerifyOptions
from edgebert.runtimes.jobs import ModelFile, RunJob
from edgebert.runtimes.runtime import Runtime, RuntimeFailure
from edgebert.store import machine
from edgebert.tasks.kinds import spoken
from edgebert.tasks.task import Task
from edgebert.verify import gates
from edgebert.verify.compare import as_logits, as_values, compare
from edgebert.verify.dev import Dev, check_label_order
from edgebert.verify.padding import check_padding
from edgebert.verify.scores import FileScore, Scores, Worst

SCORES = "scores.json"
TEXT_KEPT = 1000
"""Characters that are kept of a text that a file answers badly."""


def verify(
    task: Task,
    student: Path,
    folders: Sequence[Path],
    references: Path,
    lengths: tuple[int, ...],
    options: VerifyOptions,
    out: Path,
    teacher: Path | None = None,
) -> Scores:
    """Score every file, in a process of its engine's own, on all dev rows.

    Args:
        task: the task; its dev rows are the measure.
        student: folder of the student's checkpoint, for `tokenizer.json` and the label names in `config.json`.
        folders: folders of files with their `artefacts.json`.
        references: folder of `reference-s<L>.npy`, the student's own logits with texts cut at L tokens.
        lengths: token lengths, ascending; files of any length take texts cut at the last.
        options: the gates.
        out: folder for `scores.json` and the outputs of each file; a killed call goes on with those that are there.
        teacher: folder of the teacher's `logits-dev.npy`, to say how much of its score is kept; None: not said.

    Returns:
        What was found. A file that fails a gate is in `rejected`, with the reasons; nothing is raised for it.

    Raises:
        UserError: if an engine is not installed, or the references are of other rows.
        GateError: if the student's labels are not the task's, or its own answers are not finite.
    """
    check_label_order(task, student)
    files = [ModelFile(folder, artefact) for folder in folders for artefact in load_list(folder)]
    with tempfile.TemporaryDirectory(prefix="edgebert-") as scratch:
        dev = Dev(task, student, references, lengths, Path(scratch), teacher)
        checked = [_check(file, dev, options, out) for file in console.track(files, "verifying")]
        padding = check_padding([(c.file, c.outputs) for c in checked if c.outputs is not None], dev, options)
    broken = {name for check in padding if not check.passed for name in check.files}
    scores = Scores(
        metric=dev.kind.METRIC,
        max_drop=options.max_drop,
        fp16_max_drop=options.fp16_max_drop,
        fp32_tolerance=options.fp32_tolerance,
        value=dev.kind.VALUE,
        rows=len(dev.rows),
        student={length: dev.kind.scores(dev.reference(length), dev.targets) for length in lengths},
        files=tuple(_with_padding(c.score) if c.score.file in broken else c.score for c in checked),
        drivers=tuple(_by_length(checked, dev, options)),
        padding=tuple(padding),
        kept_of_teacher=dev.retention.of_student(),
    )
    scores.save(out / SCORES)
    return scores


@dataclass(frozen=True)
class _Checked:
    """A file's outputs on all rows [rows, outputs], None if it did not run, and its record."""

    file: ModelFile
    outputs: npt.NDArray[np.float32] | None
    score: FileScore


def _check(file: ModelFile, dev: Dev, options: VerifyOptions, out: Path) -> _Checked:
    artefact, runtime = file.artefact, runtimes.for_format(file.artefact.format)
    cut_at = artefact.length or dev.max_length
    bytes_run = sha256(file.path)
    blank = _blank(artefact, runtime, dev, cut_at, bytes_run)
    try:
        outputs = _outputs(file, runtime, dev, out / "outputs" / f"{artefact.path}.{bytes_run[:12]}.npy")
    except RuntimeFailure as failure:
        return _Checked(file, None, replace(blank, reasons=(str(failure),)))
    score = _score(blank, outputs, artefact.output.name, dev, options)
    if bytes_run != artefact.sha256:
        score = replace(score, reasons=(*score.reasons, "Its bytes were changed after it was made: another sha256."))
    return _Checked(file, outputs, score)


def _outputs(file: ModelFile, runtime: Runtime, dev: Dev, path: Path) -> npt.NDArray[np.float32]:
    if not path.is_file():
        cut_at = file.artefact.length or dev.max_length
        runtime.run(RunJob(file, dev.tokens(cut_at), path, threads=int(machine()["cores"])))
    outputs: npt.NDArray[np.float32] = np.load(path)
    return outputs


def _score(
    blank: FileScore, outputs: npt.NDArray[np.float32], output: str, dev: Dev, options: VerifyOptions
) -> FileScore:
    wrong = int((~np.isfinite(outputs)).any(axis=1).sum())
    if wrong:
        return replace(blank, reasons=(f"It gives numbers that are not finite on {wrong} of {len(outputs)} rows.",))
    reference = dev.reference(blank.cut_at)
    found = compare(outputs, output, reference, dev.targets, dev.kind)
    values = as_values(outputs[found.worst], output, dev.kind)
    expected = dev.kind.values(reference[found.worst])
    of_student, of_teacher = dev.retention.of_file(as_logits(outputs, output, dev.kind), blank.cut_at)
    return replace(
        blank,
        metrics=found.metrics,
        drop=found.drop,
        agreement=found.agreement,
        max_change=found.max_change,
        max_logit_difference=found.max_logit_difference,
        kept_of_student=of_student,
        kept_of_teacher=of_teacher,
        worst=tuple(
            _worst(int(row), dev, student, changed)
            for row, student, changed in zip(found.worst, expected, values, strict=True)
        ),
        reasons=gates.reasons(blank.scheme, found, dev.kind, options),
    )


def _by_length(checked: Sequence[_Checked], dev: Dev, options: VerifyOptions) -> list[FileScore]:
    """Sets of files used by length, as a whole: each row's output is that of the shortest file it fits in.

    Every file has answered every row, and one call does not touch the next: so the set's outputs are put together.
    """
    sets: dict[tuple[str, str], list[_Checked]] = {}
    for one in checked:
        if one.file.artefact.driver == "by-length":
            sets.setdefault((one.file.artefact.format, one.file.artefact.scheme), []).append(one)
    scores = []
    for members in sets.values():
        ordered = sorted(members, key=lambda one: one.file.artefact.length or 0)
        if any(one.outputs is None for one in ordered):
            continue  # the file that did not run is rejected by itself
        longest = ordered[-1]
        outputs = np.array(longest.outputs)
        for one in reversed(ordered[:-1]):
            fits = dev.whole_lengths <= (one.file.artefact.length or 0)
            outputs[fits] = one.outputs[fits]  # type: ignore[index]
        blank = replace(
            _blank(longest.file.artefact, runtimes.for_format(longest.score.format), dev, longest.score.cut_at, None),
            files=tuple(one.file.artefact.path for one in ordered),
            bytes=sum(one.file.artefact.bytes for one in ordered),
        )
        scores.append(_score(blank, outputs, longest.file.artefact.output.name, dev, options))
    return scores


def _blank(artefact: Artefact, runtime: Runtime, dev: Dev, cut_at: int, bytes_run: str | None) -> FileScore:
    """The record of a file, or of a set where there is no digest, before it ran."""
    return FileScore(
        file=artefact.path if bytes_run else None,
        files=(artefact.path,),
        format=artefact.format,
        scheme=artefact.scheme,
        length=artefact.length if bytes_run else None,
        driver=artefact.driver,
        sha256=bytes_run,
        bytes=artefact.bytes,
        engine=runtime.name,
        engine_version=runtime.version(),
        rows=len(dev.rows),
        cut_rows=int((dev.whole_lengths > cut_at).sum()),
        cut_at=cut_at,
    )


def _worst(row: int, dev: Dev, student: npt.NDArray[np.floating], file: npt.NDArray[np.floating]) -> Worst:
    found = dev.rows[row]
    return Worst(
        row=row,
        text=found.text[:TEXT_KEPT],
        pair=None if found.pair is None else found.pair[:TEXT_KEPT],
        label=spoken(dev.kind.gold(found.targets, dev.task.labels)),
        student=tuple(student.tolist()),
        file=tuple(file.tolist()),
        change=float(np.abs(file - student).max()),
    )


def _with_padding(score: FileScore) -> FileScore:
    return replace(score, reasons=(*score.reasons, "The same rows padded to other lengths get other answers."))
