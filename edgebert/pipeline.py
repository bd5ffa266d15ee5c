"""The whole chain, stage by stage: each takes the folders before it and leaves one of its own.

    table ──── tasks ──▶ task/ ─────┐
    checkpoint ─ teachers ▶ teacher/ ┴─ distill ─▶ student/ ─ converters ─▶ converted/ ─ quantize ─▶ quantized/
                                                                                │                       │
                        bundle/ ◀── report.json, report.md ◀── profiled/ ◀── verified/ ◀────────────────┘

Every function here is a verb of the command line. Heavy libraries are imported inside, by the stage that needs them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from dataclasses import asdict, replace
from pathlib import Path

from edgebert import beginning, console, gates, lessons, refusals, students
from edgebert.recipes import DEFAULT, Recipe, load
from edgebert.recipes.options import (
    BudgetOptions,
    ConvertOptions,
    DistillOptions,
    PhoneOptions,
    PredictOptions,
    ProfileOptions,
    QuantizeOptions,
    Source,
    VerifyOptions,
)
from edgebert.run import OUT, PHONES, Run, create, open_run
from edgebert.runtimes.mediapipe import set_up
from edgebert.stages import finished, make_stage
from edgebert.store import SCRATCH, Stage, machine, run_stage
from edgebert.teachers.checkpoint import chosen, look


def export(
    source: Source | None = None, recipe: Recipe | None = None, *, out: Path = OUT, android: Path | None = None,
    given: Collection[str] = (),
) -> Path:  # fmt: skip
    """From a checkpoint and a table to checked files in an app's folder.

    Args:
        source: checkpoint and tables; without any, the built-in task and encoder.
        recipe: options of all stages; the recipe `tinybert-4` by default.
        out: the run folder. A second call goes on in it and redoes only what depends on a changed option.
        android: an Android project, whose assets get the bundle.
        given: names of distilling options that the recipe of a student chosen by `auto` must not change, even where
            they are at their defaults; others win over it anyway.

    Returns:
        The bundle's folder.

    Raises:
        UserError: for wrong input.
        GateError: if a file does not answer as the trained model does, or none fits the budget; all else is written
            all the same. Also if `auto` finds no student that is predicted to fit.
    """
    source, recipe = source or Source(), recipe or load(DEFAULT)
    refusals.check(source, recipe)
    _finetune(source, recipe, out, student_next=True)
    if recipe.distill.is_auto:
        _propose(out, given)
    distill(out)
    convert(out)
    quantize(out)
    verify(out)
    profile(out)
    folder = report(out, android=android)
    gates.check_files(out)
    gates.check_budget(out)
    return folder


def finetune(source: Source, recipe: Recipe | None = None, *, out: Path = OUT) -> Stage:
    """Read the tables into a task, look at them, and make the teacher: `task/` and `teacher/`."""
    return _finetune(source, recipe or load(DEFAULT), out, student_next=False)


def distill(out: Path = OUT, options: DistillOptions | None = None) -> Stage:
    """Train a student on what the teacher says: `student/`."""
    run = _opened(out, distill=options)
    options, length = run.recipe.distill, run.recipe.convert.max_length
    refusals.check_student(options)
    refusals.check_augmentation(options)
    with run.at_work():
        after = finished(run, "task", "teacher")
        students.check_start(options, run / "teacher")
        refusals.check_vocabulary(run / "task", options)
        learns = options.student != "none"
        if learns:
            augmented = {} if options.augment == "none" else {"augmented": lessons.augmented(run, options, dict(after))}
            after["transfer"] = lessons.transfer(run, after | augmented)
        general = run / "general" if learns and options.general_epochs else None
        if general:
            after["general"] = lessons.general(run, {name: after[name] for name in ("task", "teacher")})

        def make(work: Path) -> None:
            from edgebert.distill.stage import distill as stage
            from edgebert.tasks.task import Task

            transfer = run / "transfer" if learns else None
            stage(Task.load(run / "task"), run / "teacher", transfer, general, options, length, work)

        return make_stage(run, "student", {"distill": options.training, "max_length": length}, after, make)


def convert(out: Path = OUT, options: ConvertOptions | None = None) -> Stage:
    """Write the student's fp32 files, ONNX and TFLite: `converted/`."""
    run = _opened(out, convert=options)
    after = finished(run, "task", "student")
    look(str(run / "student")).check_length(run.recipe.convert.max_length)
    with run.at_work():
        from edgebert.bundle import golden_texts
        from edgebert.tasks.task import Task

        refusals.check_files(run / "task", run.recipe.convert)
        task = Task.load(run / "task")
        goldens = golden_texts(task)

        def make(work: Path) -> None:
            from edgebert.convert import convert as stage

            stage(run / "student", task, goldens, run.recipe.convert, work)
            if run.recipe.convert.text_input != "no":
                from edgebert.verify import text_input

                found = text_input.compare(task, run / "student" / "tokenizer.json", run.recipe.convert.max_length)
                found.save(work)

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


def verify(out: Path = OUT, options: VerifyOptions | None = None, budget: BudgetOptions | None = None) -> Stage:
    """Run every file on every dev row and hold its answers against the student's: `verified/`."""
    run = _opened(out, verify=options, budget=budget)
    with run.at_work():
        after = finished(run, "task", "teacher", "student", "converted", "quantized")
        mediapipe = run.recipe.convert.target == "mediapipe" and set_up()

        def make(work: Path) -> None:
            from edgebert.tasks.task import Task
            from edgebert.verify import verify as stage

            stage(
                Task.load(run / "task"), run / "student", [run / "converted", run / "quantized"], run / "converted",
                run.recipe.convert.fixed_lengths, run.recipe.verify, work, run / "teacher", mediapipe,
            )  # fmt: skip

        settings = {"verify": run.recipe.verify} | ({"mediapipe": True} if mediapipe else {})
        return make_stage(run, "verified", settings, after, make)


def profile(out: Path = OUT, options: ProfileOptions | None = None, budget: BudgetOptions | None = None) -> Stage:
    """Time every file on this machine, beside the teacher and a BERT-base: `profiled/`."""
    run = _opened(out, profile=options, budget=budget)
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
            tokenizer = run / "student" / "tokenizer.json"
            stage(models, task, tokenizer, recipe.convert.fixed_lengths, recipe.profile, work)

        settings = {"profile": recipe.profile, "machine": machine()}
        return make_stage(run, "profiled", settings, after, make)


def profile_on_phone(out: Path, phone: PhoneOptions, options: ProfileOptions | None = None) -> Stage:
    """Time the TFLite files on a phone: `phones/SERIAL/`, and the reports that show it.

    Args:
        out: the run folder, its files converted and quantised.
        phone: which, and with what; `adb` and `benchmark_model` are given.
        options: how many calls; None: what the run has been told before.

    Raises:
        UserError: if the phone or the program is not there, or not usable.
        RuntimeFailure: if the program crashed on the phone.
    """
    from edgebert.profile.ready import look

    run = _opened(out, profile=options)
    after = finished(run, "task", "student", "converted", "quantized")
    found = look(phone)
    with run.at_work():

        def make(work: Path) -> None:
            from edgebert.profile.phone import profile_on_phone as stage
            from edgebert.tasks.task import Task

            folders, tokenizer = [run / "converted", run / "quantized"], run / "student" / "tokenizer.json"
            stage(found, folders, Task.load(run / "task"), tokenizer, run.recipe.profile.timed_calls, work)

        def begin() -> None:
            console.heading(f"timing the files on {found.phone.name}")

        stage = run_stage(
            run / PHONES / found.folder, found.settings | {"profile": run.recipe.profile}, after, make, begin
        )
    from edgebert.report import build
    from edgebert.report.phones import tables
    from edgebert.report.terminal import show

    for table in tables(build(out)):
        show(table)
    return stage


def report(
    out: Path = OUT,
    budget: BudgetOptions | None = None,
    predict: PredictOptions | None = None,
    *,
    android: Path | None = None,
) -> Path:
    """Write the report, the bundle of the files that passed, and `rejected/` with those that did not.

    Args:
        out: the run folder; it gets `report.html`, `report.md` and `report.json`.
        budget: what the app can afford; None: what the run has been told before.
        predict: the device to predict for, if any; likewise.
        android: an Android project, whose assets get the bundle if a file fits the budget.

    Returns:
        The bundle's folder.
    """
    from edgebert import bundle
    from edgebert.report import build, summary
    from edgebert.report.budget import missed
    from edgebert.report.entry import entries

    run = _opened(out, budget=budget, predict=predict)
    finished(run, "verified", "profiled")
    if run.recipe.predict.device:
        _predict(run, run.recipe.predict)
    entries(build(out), run.recipe.budget)  # refuses a budget for conditions that nothing was timed under
    with run.at_work():
        found = build(out)
        over_budget = missed(found)
        found.write(out)
        summary(found)
        bundle.set_aside(run.folder, found)
        folder = bundle.write(out, found, out / "bundle")
        console.say(f"report: {out / 'report.html'}   bundle: {folder}")
        if android is not None and over_budget:
            console.warn(f"No file fits the budget: nothing was copied into {android}.")
        elif android is not None:
            console.say(f"assets: {bundle.install(folder, android)}")
    return folder


def _predict(run: Run, options: PredictOptions) -> Stage:
    """Predict every file for a device that is not at hand: `predicted/`."""
    import device_profiles

    device = device_profiles.load(str(options.device))
    settings = {"device": asdict(device) | {"flags": sorted(device.flags)}, "threads": options.threads}
    with run.at_work():

        def make(work: Path) -> None:
            from edgebert.profile.predicted import predict_files

            folders, longest = [run / "converted", run / "quantized"], run.recipe.convert.max_length
            predict_files(folders, device, options.threads, longest, work)

        return make_stage(run, "predicted", settings, finished(run, "converted", "quantized"), make)


def _finetune(source: Source, recipe: Recipe, out: Path, *, student_next: bool) -> Stage:
    """`finetune`; where the student comes next, one that cannot start from this teacher is refused before training."""
    run = create(out, source, recipe)
    checkpoint = chosen(run.source)
    if not run.recipe.convert.is_auto:
        checkpoint.check_length(run.recipe.convert.max_length)
    with run.at_work():
        task = beginning.task(run, checkpoint)
        run = beginning.with_lengths(run)
        run.save()
        refusals.check_files(task.folder, run.recipe.convert)
        if student_next:
            if not run.recipe.distill.is_auto:
                students.check_start(run.recipe.distill, checkpoint.folder)
            refusals.check_vocabulary(task.folder, run.recipe.distill)
        return beginning.teacher(run, checkpoint, task)


def _propose(out: Path, given: Collection[str]) -> None:
    """Choose the student: `proposed/`, and its options in `run.json`."""
    from edgebert.propose.choose import choose

    run = _opened(out)
    with run.at_work():
        run.with_options(distill=choose(run, given)).save()


def _opened(out: Path, **options: object) -> Run:
    run = open_run(out)
    given = {name: value for name, value in options.items() if value is not None}
    return beginning.with_lengths(run.with_options(**given) if given else run)
