"""The whole chain, stage by stage: each takes the folders before it and leaves one of its own.

    table ──── tasks ──▶ task/ ─────┐
    checkpoint ─ teachers ▶ teacher/ ┴─ distill ─▶ student/ ─ converters ─▶ converted/ ─ quantize ─▶ quantized/
                                                                                │                       │
                        bundle/ ◀── report.json, report.md ◀── profiled/ ◀── verified/ ◀────────────────┘

Every function here is a verb of the command line. Heavy libraries are imported inside, by the stage that needs them.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict, replace
from pathlib import Path

from edgebert import console, students
from edgebert.errors import GateError, UserError
from edgebert.recipes import DEFAULT, Recipe, load
from edgebert.recipes.options import (
    ConvertOptions,
    DistillOptions,
    ProfileOptions,
    QuantizeOptions,
    Source,
    VerifyOptions,
)
from edgebert.run import Run, create, open_run
from edgebert.stages import finished, make_stage
from edgebert.store import SCRATCH, Stage, machine
from edgebert.teachers.checkpoint import Checkpoint, look

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
        GateError: if a file does not answer as the trained model does; all else is written all the same.
    """
    source, recipe = source or Source(), recipe or load(DEFAULT)
    _check(source, recipe)
    finetune(source, recipe, out=out)
    distill(out)
    convert(out)
    quantize(out)
    verify(out)
    profile(out)
    folder = report(out, android=android)
    check_gates(out)
    return folder


def finetune(source: Source, recipe: Recipe | None = None, *, out: Path = OUT) -> Stage:
    """Read the tables into a task, look at them, and make the teacher: `task/` and `teacher/`."""
    run = create(out, source, recipe or load(DEFAULT))
    checkpoint = _checkpoint(run.source)
    checkpoint.check_length(run.recipe.convert.max_length)
    with run.at_work():
        task = _task(run, checkpoint)
        return _teacher(run, checkpoint, task)


def distill(out: Path = OUT, options: DistillOptions | None = None) -> Stage:
    """Train a student on what the teacher says: `student/`."""
    run = _opened(out, distill=options)
    options, length = run.recipe.distill, run.recipe.convert.max_length
    students.architecture(options.student)
    with run.at_work():
        after = finished(run, "task", "teacher")
        learns = options.student != "none"
        if learns:
            after["transfer"] = _transfer(run, dict(after))

        def make(work: Path) -> None:
            from edgebert.distill.stage import distill as stage
            from edgebert.tasks.task import Task

            transfer = run / "transfer" if learns else None
            stage(Task.load(run / "task"), run / "teacher", transfer, options, length, work)

        return make_stage(run, "student", {"distill": options, "max_length": length}, after, make)


def convert(out: Path = OUT, options: ConvertOptions | None = None) -> Stage:
    """Write the student's fp32 files, ONNX and TFLite: `converted/`."""
    run = _opened(out, convert=options)
    after = finished(run, "task", "student")
    look(str(run / "student")).check_length(run.recipe.convert.max_length)
    with run.at_work():
        from edgebert.bundle import golden_texts
        from edgebert.tasks.task import Task

        task = Task.load(run / "task")
        goldens = golden_texts(task)

        def make(work: Path) -> None:
            from edgebert.convert import convert as stage

            stage(run / "student", task, goldens, run.recipe.convert, work)

        settings = {"convert": run.recipe.convert, "goldens": [asdict(row) for row in goldens]}
        return make_stage(run, "converted", settings, after, make)


def quantize(out: Path = OUT, options: QuantizeOptions | None = None) -> Stage:
    """Make the smaller files of the fp32 ones: `quantized/`."""
    run = _opened(out, quantize=options)
    with run.at_work():
        options, longest = run.recipe.quantize, run.recipe.convert.max_length

        def make(work: Path) -> None:
            from edgebert.quantize import quantize as stage
            from edgebert.runtimes.tokenised import Tokenised
            from edgebert.tasks.task import Task
            from edgebert.verify.selection import Selection

            task, tokenizer, converted = Task.load(run / "task"), run / "student" / "tokenizer.json", run / "converted"
            with tempfile.TemporaryDirectory(prefix="edgebert-") as scratch:
                selection = Selection(task, tokenizer, converted, longest, Path(scratch) / "selection")
                calibration = Tokenised(task.rows("calibration"), tokenizer, longest, Path(scratch) / "calibration")
                score = selection.loss if len(selection) else None
                stage(converted, options, work, calibration.feeds, score)

        settings = {"quantize": replace(options, schemes=options.smaller)}
        return make_stage(run, "quantized", settings, finished(run, "converted", "task", "student"), make)


def verify(out: Path = OUT, options: VerifyOptions | None = None) -> Stage:
    """Run every file on every dev row and hold its answers against the student's: `verified/`."""
    run = _opened(out, verify=options)
    with run.at_work():
        after = finished(run, "task", "student", "converted", "quantized")

        def make(work: Path) -> None:
            from edgebert.tasks.task import Task
            from edgebert.verify import verify as stage

            stage(
                Task.load(run / "task"), run / "student", [run / "converted", run / "quantized"], run / "converted",
                run.recipe.convert.lengths, run.recipe.verify, work,
            )  # fmt: skip

        return make_stage(run, "verified", {"verify": run.recipe.verify}, after, make)


def profile(out: Path = OUT, options: ProfileOptions | None = None) -> Stage:
    """Time every file on this machine, beside the teacher and a BERT-base: `profiled/`."""
    run = _opened(out, profile=options)
    with run.at_work():
        after = finished(run, "task", "teacher", "converted", "quantized")
        recipe = run.recipe

        def make(work: Path) -> None:
            from edgebert.profile import profile as stage
            from edgebert.tasks.task import Task

            task = Task.load(run / "task")
            models = {"student": [run / "converted", run / "quantized"]}
            if recipe.profile.baselines:
                from edgebert.baselines import write_baselines

                models |= write_baselines(
                    run / "teacher", recipe.convert, work / SCRATCH, with_teacher=recipe.distill.student != "none"
                )
            stage(models, task, run / "task" / "tokenizer.json", recipe.convert.lengths, recipe.profile, work)

        settings = {"profile": recipe.profile, "machine": machine()}
        return make_stage(run, "profiled", settings, after, make)


def report(out: Path = OUT, *, android: Path | None = None) -> Path:
    """Write `report.json`, `report.md`, the bundle of the files that passed, and `rejected/` with those that did not.

    Args:
        out: the run folder.
        android: an Android project, whose assets get the bundle.

    Returns:
        The bundle's folder.
    """
    from edgebert import bundle
    from edgebert.report import build, summary

    run = open_run(out)
    with run.at_work():
        finished(run, "verified", "profiled")
        found = build(out)
        found.write(out)
        summary(found)
        bundle.set_aside(run.folder, found)
        folder = bundle.write(out, found, out / "bundle")
        console.say(f"report: {out / 'report.md'}   bundle: {folder}")
        if android is not None:
            console.say(f"assets: {bundle.install(folder, android)}")
    return folder


def check_gates(out: Path = OUT) -> None:
    """Hold a verified run to its gates.

    Raises:
        GateError: if a file failed, naming each with the reason.
    """
    from edgebert.verify import Scores

    rejected = Scores.load(out / "verified" / "scores.json").rejected
    if rejected:
        names = "; ".join(f"{', '.join(score.files)}: {' '.join(score.reasons)}" for score in rejected)
        raise GateError(f"{len(rejected)} of the files failed: {names}", f"They are kept aside in {out / 'rejected'}.")


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


def _checkpoint(source: Source) -> Checkpoint:
    if source.teacher:
        return look(source.teacher)
    from edgebert.tasks.builtin import encoder_folder

    return look(str(encoder_folder()), name="all-MiniLM-L6-v2 (built-in)")


def _task(run: Run, checkpoint: Checkpoint) -> Stage:
    from edgebert.tasks import fingerprint, prepare
    from edgebert.tasks.encoder import TextEncoder
    from edgebert.teachers.checkpoint import write_tokenizer

    lengths = run.recipe.convert.lengths

    def make(work: Path) -> None:
        write_tokenizer(checkpoint, work / "tokenizer.json")
        encoder = TextEncoder(work / "tokenizer.json", lengths[-1])
        prepare(run.source, run.recipe.data, work, labels=checkpoint.labels, encoder=encoder, lengths=lengths)

    settings = {
        "columns": {k: v for k, v in asdict(run.source).items() if k.endswith("_column")},
        "tables": fingerprint(run.source),
        "data": run.recipe.data,
        "lengths": lengths,
        "labels": checkpoint.labels,
        "tokenizer": checkpoint.digests("token*", "vocab*", "merges*", "special*", "*.model"),
    }
    return make_stage(run, "task", settings, {}, make, unread={"sanity.json"})


def _teacher(run: Run, checkpoint: Checkpoint, task: Stage) -> Stage:
    options, length = run.recipe.finetune, run.recipe.convert.max_length

    def make(work: Path) -> None:
        from edgebert.tasks.task import Task
        from edgebert.teachers.finetune import finetune as stage

        stage(checkpoint, Task.load(task.folder), options, length, work)

    settings = {
        "checkpoint": checkpoint.digests("config.json", "*.safetensors", "*.bin"),
        "finetune": None if checkpoint.is_classifier else options,
        "max_length": length,
    }
    return make_stage(run, "teacher", settings, {"task": task}, make)


def _transfer(run: Run, after: dict[str, Stage]) -> Stage:
    length = run.recipe.convert.max_length

    def make(work: Path) -> None:
        from edgebert.distill.transfer import transfer
        from edgebert.tasks.task import Task

        transfer(Task.load(run / "task"), run / "teacher", length, work)

    return make_stage(run, "transfer", {"max_length": length}, after, make)
