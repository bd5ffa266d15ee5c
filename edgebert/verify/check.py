"""Run every file on every dev row in its real engine, and hold it against the student."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
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
from edgebert.verify.mediapipe import check_mediapipe
from edgebert.verify.padding import check_padding
from edgebert.verify.scores import FileScore, Scores, Worst

SCORES = "scores.json"
TEXT_KEPT = 1000
"""Characters that are kept of a text that a file answers badly."""
PADDED = "The same rows padded to other lengths get other answers."


def verify(
    task: Task,
    student: Path,
    folders: Sequence[Path],
    references: Path,
    lengths: tuple[int, ...],
    options: VerifyOptions,
    out: Path,
    teacher: Path | None = None,
    with_mediapipe: bool = False,
) -> Scores:
    """Score every file, each of its signatures, in every runtime asked for that reads it, on all dev rows.

    Args:
        task: the task; its dev rows are the measure.
        student: folder of the student's checkpoint, for `tokenizer.json` and the label names in `config.json`.
        folders: folders of files with their `artefacts.json`.
        references: folder of `reference-s<L>.npy`, the student's own logits with texts cut at L tokens.
        lengths: token lengths, ascending; files of any length take texts cut at the last.
        options: the gates, and the runtimes: the first that reads a format decides whether its files pass.
        out: folder for `scores.json` and the outputs of each file; a killed call goes on with those that are there.
        teacher: folder of the teacher's `logits-dev.npy`, to say how much of its score is kept; None: not said.
        with_mediapipe: whether to ask MediaPipe too, for which the files were made.

    Returns:
        What was found. A file that fails a gate is in `rejected`, with the reasons; nothing is raised for it.

    Raises:
        UserError: if a runtime is not installed or none reads a format, or the references are of other rows.
        GateError: if the student's labels are not the task's, or its own answers are not finite.
    """
    check_label_order(task, student)
    files = [ModelFile(folder, one) for folder in folders for artefact in load_list(folder) for one in artefact.each()]
    checks = [
        (file, runtime, place == 0)
        for file in files
        for place, runtime in enumerate(runtimes.choose(options.runtimes, file.artefact.format))
    ]
    with tempfile.TemporaryDirectory(prefix="edgebert-") as scratch:
        dev = Dev(task, student, references, lengths, Path(scratch), teacher)
        checked = [_check(*check, dev, options, out) for check in console.track(checks, "verifying")]
        decided = [(c.file, c.outputs) for c in checked if c.outputs is not None and c.score.decides]
        padding = check_padding(decided, dev, options)
        asked = check_mediapipe(decided, dev, student / "tokenizer.json") if with_mediapipe else []
    broken = {name: PADDED for check in padding if not check.passed for name in check.files}
    broken |= {check.file: check.reason for check in asked if check.reason}
    scores = Scores(
        metric=dev.kind.METRIC,
        max_drop=options.max_drop,
        fp16_max_drop=options.fp16_max_drop,
        fp32_tolerance=options.fp32_tolerance,
        value=dev.kind.VALUE,
        unit=dev.kind.unit(dev.targets),
        rows=len(dev.rows),
        student={length: dev.kind.scores(dev.reference(length), dev.targets) for length in lengths},
        files=tuple(_with_reason(c.score, broken) for c in checked),
        drivers=tuple(_as_sets(checked, dev, options)),
        padding=tuple(padding),
        mediapipe=tuple(asked),
        kept_of_teacher=dev.retention.of_student(),
    )
    scores.save(out / SCORES)
    return scores


@dataclass(frozen=True)
class _Checked:
    """A file's outputs on all rows in a runtime [rows, outputs], None if it did not run, and its record."""

    file: ModelFile
    outputs: npt.NDArray[np.float32] | None
    score: FileScore


def _check(file: ModelFile, runtime: Runtime, decides: bool, dev: Dev, options: VerifyOptions, out: Path) -> _Checked:
    artefact = file.artefact
    bytes_run = sha256(file.path)
    blank = _blank(artefact, runtime, decides, dev, bytes_run)
    name = f"{artefact.path}.{artefact.length or 'any'}.{runtime.name}-{runtime.version()}.{bytes_run[:12]}.npy"
    try:
        outputs = _outputs(file, runtime, dev, out / "outputs" / name)
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


def _as_sets(checked: Sequence[_Checked], dev: Dev, options: VerifyOptions) -> list[FileScore]:
    """Files, or signatures, used by length, as a whole: each row's output is that of the shortest that it fits in.

    Each of them has answered every row, and one call does not touch the next: so the set's outputs are put together.
    """
    sets: dict[tuple[str, ...], list[_Checked]] = {}
    for one in checked:
        if (artefact := one.file.artefact).driver != "single":
            sets.setdefault((artefact.format, artefact.scheme, artefact.driver, one.score.engine), []).append(one)
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
        sizes = {one.file.artefact.path: one.file.artefact.bytes for one in ordered}
        runtime, decides = runtimes.get(longest.score.engine), longest.score.decides
        blank = _blank(longest.file.artefact, runtime, decides, dev, None)
        blank = replace(blank, file=None, files=tuple(sizes), length=None, bytes=sum(sizes.values()))
        scores.append(_score(blank, outputs, longest.file.artefact.output.name, dev, options))
    return scores


def _blank(artefact: Artefact, runtime: Runtime, decides: bool, dev: Dev, bytes_run: str | None) -> FileScore:
    """The record of a file before it ran."""
    cut_at = artefact.length or dev.max_length
    return FileScore(
        file=artefact.path,
        files=(artefact.path,),
        format=artefact.format,
        scheme=artefact.scheme,
        length=artefact.length,
        driver=artefact.driver,
        sha256=bytes_run,
        bytes=artefact.bytes,
        engine=runtime.name,
        engine_version=runtime.version(),
        decides=decides,
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


def _with_reason(score: FileScore, broken: Mapping[str, str]) -> FileScore:
    reason = broken.get(score.file or "") if score.decides else None
    return replace(score, reasons=(*score.reasons, reason)) if reason else score
