"""The whole chain, stage by stage: each takes the folders before it and leaves one of its own.

    table ──── tasks ──▶ task/ ─────┐
    checkpoint ─ teachers ▶ teacher/ ┴─ distill ─▶ student/ ─ converters ─▶ converted/ ─ quantize ─▶ quantized/
                                                                                │                       │
                        bundle/ ◀── report.json, report.md ◀── profiled/ ◀── verified/ ◀────────────────┘

Every function here is a verb of the command line. Heavy libraries are imported inside, by the stage that needs them.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from edgebert import console, students
from edgebert.errors import GateError, UserError
from edgebert.files import sha256
from edgebert.recipes import Recipe, load
from edgebert.recipes.options import (
    ConvertOptions,
    DistillOptions,
    ProfileOptions,
    QuantizeOptions,
    Source,
    VerifyOptions,
)
from edgebert.run import Run, create, locked, open_run
from edgebert.store import Stage, run_stage, stage_at

if TYPE_CHECKING:
    from edgebert.teachers.checkpoint import Checkpoint

OUT = Path("artefacts")


def export(
    source: Source | None = None, recipe: Recipe | None = None, *, out: Path = OUT, android: Path | None = None
) -> Path:
    """From a checkpoint and a table to checked files in an app's folder.

    Args:
        source: checkpoint and tables; without any, the built-in task and encoder.
        recipe: options of all stages; the recipe `tinybert-4` by default.
        out: the run folder. A second call goes on in it and redoes only what depends on a changed option.
        android: an Android project, whose assets get the bundle.

    Returns:
        The bundle's folder.

    Raises:
        UserError: for wrong input.
        GateError: if a file does not answer as the trained model does; everything is written all the same.
    """
    source, recipe = source or Source(), recipe or load("tinybert-4")
    _check(source, recipe)
    finetune(source, recipe, out=out)
    distill(out)
    convert(out)
    quantize(out)
    verify(out, gate=False)
    profile(out)
    return report(out, android=android)


def finetune(source: Source, recipe: Recipe | None = None, *, out: Path = OUT) -> Stage:
    """Read the tables into a task, look at them, and make the teacher: `task/` and `teacher/`."""
    run = create(out, source, recipe or load("tinybert-4"))
    with locked(out):
        checkpoint = _checkpoint(run.source)
        task = _task(run, checkpoint)
        return _teacher(run, checkpoint, task)


def distill(out: Path = OUT, options: DistillOptions | None = None) -> Stage:
    """Train a student on what the teacher says: `student/`."""
    run = _opened(out, distill=options)
    students.architecture(run.recipe.distill.student)
    with locked(out):
        task, teacher = stage_at(run / "task", "finetune"), stage_at(run / "teacher", "finetune")
        options, length = run.recipe.distill, run.recipe.convert.max_length
        after = {"task": task, "teacher": teacher}
        transfer = None
        if options.student != "none":
            transfer = after["transfer"] = _transfer(run, after)

        def make(work: Path) -> None:
            from edgebert.distill.stage import distill as stage
            from edgebert.tasks.task import Task

            folder = transfer.folder if transfer else None
            stage(Task.load(task.folder), teacher.folder, folder, options, length, work)

        return _stage(run, "student", {"distill": options, "max_length": length}, after, make)


def convert(out: Path = OUT, options: ConvertOptions | None = None) -> Stage:
    """Write the student's fp32 files, ONNX and TFLite: `converted/`."""
    run = _opened(out, convert=options)
    with locked(out):
        task, student = stage_at(run / "task", "finetune"), stage_at(run / "student", "distill")

        def make(work: Path) -> None:
            from edgebert.convert import convert as stage
            from edgebert.tasks.task import Task

            stage(student.folder, Task.load(task.folder), run.recipe.convert, work)

        after = {"task": task, "student": student}
        return _stage(run, "converted", {"convert": run.recipe.convert}, after, make)


def quantize(out: Path = OUT, options: QuantizeOptions | None = None) -> Stage:
    """Make the smaller files of the fp32 ones: `quantized/`."""
    run = _opened(out, quantize=options)
    with locked(out):
        converted = stage_at(run / "converted", "convert")
        settings = {"schemes": [scheme for scheme in run.recipe.quantize.schemes if scheme != "fp32"]}

        def make(work: Path) -> None:
            from edgebert.quantize import quantize as stage

            stage(converted.folder, tuple(settings["schemes"]), work)

        return _stage(run, "quantized", settings, {"converted": converted}, make)


def verify(out: Path = OUT, options: VerifyOptions | None = None, *, gate: bool = True) -> Stage:
    """Run every file on every dev row and hold its answers against the student's: `verified/`.

    Raises:
        GateError: with ``gate``, if a file fails.
    """
    run = _opened(out, verify=options)
    with locked(out):
        after = {
            "task": stage_at(run / "task", "finetune"),
            "student": stage_at(run / "student", "distill"),
            "converted": stage_at(run / "converted", "convert"),
            "quantized": stage_at(run / "quantized", "quantize"),
        }

        def make(work: Path) -> None:
            from edgebert.verify import verify as stage

            stage(run.folder, run.recipe.verify, work)

        stage = _stage(run, "verified", {"verify": run.recipe.verify}, after, make)
    if gate:
        check_gates(run)
    return stage


def profile(out: Path = OUT, options: ProfileOptions | None = None) -> Stage:
    """Time every file on this machine, beside the teacher and a BERT-base: `profiled/`."""
    run = _opened(out, profile=options)
    with locked(out):
        after = {
            "task": stage_at(run / "task", "finetune"),
            "teacher": stage_at(run / "teacher", "finetune"),
            "converted": stage_at(run / "converted", "convert"),
            "quantized": stage_at(run / "quantized", "quantize"),
        }

        def make(work: Path) -> None:
            from edgebert.profile import profile as stage

            stage(run.folder, run.recipe.profile, work)

        return _stage(run, "profiled", {"profile": run.recipe.profile}, after, make)


def check_gates(run: Run) -> None:
    """Raise a `GateError` that names every file that failed, with the reason."""


def _check(source: Source, recipe: Recipe) -> None:
    """Refuse what cannot work before any work is done."""
    students.architecture(recipe.distill.student)
    if recipe.distill.student != "none" and source.dev and not source.train:
        raise UserError(
            f"--student {recipe.distill.student} is to be distilled, but there is no --train table to distil on.",
            "Give --train, or ship the teacher itself with --student none.",
        )
    if source.train and not source.teacher:
        console.say("No --teacher was given: starting from the encoder of the demo extra, all-MiniLM-L6-v2.")


def _opened(out: Path, **options: object) -> Run:
    run = open_run(out)
    given = {name: value for name, value in options.items() if value is not None}
    return run.with_options(**given) if given else run


def _stage(run: Run, name: str, settings: dict[str, object], after: dict[str, Stage], make: object) -> Stage:
    return run_stage(run / name, settings, after, make, again=lambda: console.say(f"{name}: working"))  # type: ignore[arg-type]


def _checkpoint(source: Source) -> Checkpoint:
    from edgebert.teachers.checkpoint import look

    if source.teacher:
        return look(source.teacher)
    from edgebert.tasks.builtin import encoder_folder

    return look(str(encoder_folder()), name="all-MiniLM-L6-v2 (built-in)")


def _task(run: Run, checkpoint: Checkpoint) -> Stage:
    from edgebert.tasks import prepare, source_digests
    from edgebert.tasks.encoder import TextEncoder
    from edgebert.teachers.checkpoint import write_tokenizer

    lengths = run.recipe.convert.lengths

    def make(work: Path) -> None:
        write_tokenizer(checkpoint, work / "tokenizer.json")
        encoder = TextEncoder(work / "tokenizer.json", lengths[-1])
        prepare(run.source, run.recipe.data, work, labels=checkpoint.labels, encoder=encoder, lengths=lengths)

    settings = {
        "columns": {k: v for k, v in asdict(run.source).items() if k.endswith("_column")},
        "tables": source_digests(run.source),
        "data": run.recipe.data,
        "lengths": lengths,
        "labels": checkpoint.labels,
        "tokenizer": _digests(checkpoint.folder, "token*", "vocab*", "special*", "*.model"),
    }
    return _stage(run, "task", settings, {}, make)


def _teacher(run: Run, checkpoint: Checkpoint, task: Stage) -> Stage:
    options, length = run.recipe.finetune, run.recipe.convert.max_length

    def make(work: Path) -> None:
        from edgebert.tasks.task import Task
        from edgebert.teachers.finetune import finetune as stage

        stage(checkpoint, Task.load(task.folder), options, length, work)

    settings = {
        "checkpoint": _digests(checkpoint.folder, "config.json", "*.safetensors", "*.bin"),
        "finetune": None if checkpoint.is_classifier else options,
        "max_length": length,
    }
    return _stage(run, "teacher", settings, {"task": task}, make)


def _transfer(run: Run, after: dict[str, Stage]) -> Stage:
    length = run.recipe.convert.max_length

    def make(work: Path) -> None:
        from edgebert.distill.transfer import transfer
        from edgebert.tasks.task import Task

        transfer(Task.load(run / "task"), run / "teacher", length, work)

    return _stage(run, "transfer", {"max_length": length}, after, make)


def _digests(folder: Path, *patterns: str) -> dict[str, str]:
    files = {path for pattern in patterns for path in folder.glob(pattern)}
    return {path.name: sha256(path) for path in sorted(files)}
