"""The command line: names, options and help. A stage is imported when it is called, not before."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from edgebert import console, recipes
from edgebert.arguments import defaults, is_bundle, split_lists
from edgebert.exit_codes import exit_codes
from edgebert.recipes.options import (
    BudgetOptions,
    ConvertOptions,
    DataOptions,
    DistillOptions,
    FinetuneOptions,
    PhoneOptions,
    PredictOptions,
    ProfileOptions,
    QuantizeOptions,
    Source,
    VerifyOptions,
)
from edgebert.run import OUT

app = App(
    name="edgebert",
    version_flags=["--version"],
    help="Take a fine-tuned BERT to a phone: distil, quantise, convert, and prove that the files still answer right.",
    default_parameter=Parameter(negative_iterable=(), consume_multiple=True),
    suppress_keyboard_interrupt=False,  # `main` says what to do next
)


def _flat(title: str) -> Parameter:
    """For an options class whose fields are options of their own, shown together under ``title``."""
    return Parameter(name="*", group=title)


RunFolder = Annotated[Path, Parameter(help="Run folder, as --out of `export` or `finetune` named it.")]
RecipeName = Annotated[str, Parameter(help="Named set of options, or a .toml file; an option given here wins over it.")]
Out = Annotated[Path, Parameter(help="Run folder, made where it is missing. A second call goes on in it.")]
Android = Annotated[Path | None, Parameter(help="Android project whose app/src/main/assets/edgebert/ gets the bundle.")]


@app.command
def export(
    source: Annotated[Source, _flat("What you bring")] = Source(),
    data: Annotated[DataOptions, _flat("Labels and splits")] = DataOptions(),
    finetune: Annotated[FinetuneOptions, Parameter(group="Teacher")] = FinetuneOptions(),
    distill: Annotated[DistillOptions, _flat("Student")] = DistillOptions(),
    convert: Annotated[ConvertOptions, _flat("Files")] = ConvertOptions(),
    quantize: Annotated[QuantizeOptions, _flat("Files")] = QuantizeOptions(),
    verify: Annotated[VerifyOptions, _flat("Proof")] = VerifyOptions(),
    profile: Annotated[ProfileOptions, _flat("Timing")] = ProfileOptions(),
    predict: Annotated[PredictOptions, _flat("Prediction")] = PredictOptions(),
    budget: Annotated[BudgetOptions, _flat("Budget")] = BudgetOptions(),
    *,
    recipe: RecipeName = recipes.DEFAULT,
    out: Out = OUT,
    android: Android = None,
    given: Annotated[tuple[str, ...], Parameter(show=False)] = (),  # by `arguments.defaults`
) -> None:
    """From a checkpoint and a table to checked ONNX and TFLite files in an app's folder.

    Without options: the built-in task and encoder of the `demo` extra.
    """
    from edgebert.pipeline import export as run

    chosen = recipes.Recipe(
        data=data,
        finetune=finetune,
        distill=distill,
        convert=convert,
        quantize=quantize,
        verify=verify,
        profile=profile,
        predict=predict,
        budget=budget,
    )
    run(source, chosen, out=out, android=android, given=given)


@app.command
def finetune(
    source: Annotated[Source, _flat("What you bring")] = Source(),
    data: Annotated[DataOptions, _flat("Labels and splits")] = DataOptions(),
    options: Annotated[FinetuneOptions, _flat("Teacher")] = FinetuneOptions(),
    convert: Annotated[ConvertOptions, _flat("Files")] = ConvertOptions(),
    *,
    recipe: RecipeName = recipes.DEFAULT,
    out: Out = OUT,
) -> None:
    """Read the tables and make the teacher, the first two folders of a run."""
    from edgebert.pipeline import finetune as run

    tables = recipes.load(recipe)
    chosen = recipes.Recipe(
        data=data, finetune=options, distill=tables.distill, convert=convert,
        quantize=tables.quantize, verify=tables.verify, profile=tables.profile, predict=tables.predict,
        budget=tables.budget,
    )  # fmt: skip
    run(source, chosen, out=out)


@app.command
def distill(run: RunFolder = OUT, options: Annotated[DistillOptions, _flat("Student")] = DistillOptions()) -> None:
    """Train a student on what the teacher of a run says."""
    from edgebert import pipeline

    pipeline.distill(run, options)


@app.command
def convert(run: RunFolder = OUT, options: Annotated[ConvertOptions, _flat("Files")] = ConvertOptions()) -> None:
    """Write the student's fp32 files, ONNX and TFLite."""
    from edgebert import pipeline

    pipeline.convert(run, options)


@app.command
def quantize(run: RunFolder = OUT, options: Annotated[QuantizeOptions, _flat("Files")] = QuantizeOptions()) -> None:
    """Make smaller files of the fp32 ones."""
    from edgebert import pipeline

    pipeline.quantize(run, options)


@app.command
def verify(
    run: Annotated[Path, Parameter(help="Run folder, or a bundle folder, which is held against its goldens.")] = OUT,
    options: Annotated[VerifyOptions, _flat("Proof")] = VerifyOptions(),
    budget: Annotated[BudgetOptions, _flat("Budget")] = BudgetOptions(),
) -> None:
    """Hold every file's answers on the dev rows against the student's. Exit code 1 when one fails."""
    if is_bundle(run):
        from edgebert import bundle

        return bundle.verify(run, options)
    from edgebert import gates, pipeline

    pipeline.verify(run, options, budget)
    gates.check_files(run)
    gates.check_budget(run, until="verified")


@app.command
def profile(
    run: RunFolder = OUT,
    options: Annotated[ProfileOptions, _flat("Timing")] = ProfileOptions(),
    budget: Annotated[BudgetOptions, _flat("Budget")] = BudgetOptions(),
    phone: Annotated[PhoneOptions, _flat("Phone")] = PhoneOptions(),
) -> None:
    """Time every file on this machine, beside the teacher and a BERT-base. Exit code 1 when none fits the budget.

    With --adb: the TFLite files on a phone instead, shown in tables of their own; budgets are not held against these.
    """
    from edgebert import gates, pipeline

    if phone.adb:
        pipeline.profile_on_phone(run, phone, options)
        return
    pipeline.profile(run, options, budget)
    gates.check_budget(run)


@app.command
def report(
    run: RunFolder = OUT,
    predict: Annotated[PredictOptions, _flat("Prediction")] = PredictOptions(),
    budget: Annotated[BudgetOptions, _flat("Budget")] = BudgetOptions(),
    *,
    android: Android = None,
) -> None:
    """Write report.html, report.md, report.json and the bundle. Exit code 1 when no file fits the budget."""
    from edgebert import gates, pipeline

    pipeline.report(run, budget, predict, android=android)
    gates.check_budget(run)


@app.command
def compare(
    *reports: Annotated[Path, Parameter(help="Run folders, or report.json files; an app's result file is one too.")],
    budget: Annotated[BudgetOptions, _flat("Budget")] = BudgetOptions(),
    json: Annotated[Path | None, Parameter(help="Write the comparison to this file, for programs.")] = None,
    markdown: Annotated[Path | None, Parameter(help="Write it to this file, as Markdown.")] = None,
    html: Annotated[Path | None, Parameter(help="Write it to this file, as one page that needs no network.")] = None,
) -> None:
    """Put reports side by side: which file suits which device. Exit code 1 when none fits the budget on any."""
    from edgebert.report.compare import compare as run

    run(reports, budget, json=json, markdown=markdown, html=html)


@app.command
def setup_runtime(name: str) -> None:
    """Make the Python environment of a runtime that cannot live beside edgebert's: `tflite-runtime`, `tf`, `mediapipe`.

    It goes to `~/.cache/edgebert/runtimes/NAME`, or below `$EDGEBERT_HOME` where that is set.

    Parameters
    ----------
    name
        The runtime, as in --runtimes or --target.
    """
    from edgebert.runtimes.setup import setup

    setup(name)


@app.command
def inspect(
    file: Path,
    *,
    json: Annotated[Path | None, Parameter(help="Write it all to this file, for programs.")] = None,
) -> None:
    """Show what is in an ONNX or TFLite file, whoever made it, and what would make it slow or unfit on a phone.

    Parameters
    ----------
    file
        An .onnx or .tflite file.
    """
    from edgebert.inspect import inspect as show

    show(file, json)


@app.command
def devices(name: str | None = None) -> None:
    """List the devices that edgebert has a profile of, or show one of them, every number with its source.

    Parameters
    ----------
    name
        A device of the list, or a .toml file of your own.
    """
    from edgebert import devices as profiles

    profiles.show(name) if name else profiles.show_all()


@app.command
def claims(
    *,
    out: Annotated[Path, Parameter(help="Folder for the models' files, about 4 GB, and the page.")] = Path("claims"),
) -> None:
    """Hold the speed-ups that papers print against the same models: measured here, predicted for the papers' devices.

    Takes half an hour or so; a second call goes on where the first one was stopped.
    """
    from edgebert.claims import claims as run

    run(out)


@app.command
def predict(
    file: Path,
    *,
    device: str,
    threads: int = 1,
    length: int | None = None,
    json: Annotated[Path | None, Parameter(help="Write it all to this file, for programs.")] = None,
) -> None:
    """Predict how long a file takes on a device, from its own operators. Exit code 1 when too few of them are known.

    Parameters
    ----------
    file
        A .tflite file, for LiteRT, or an .onnx file, for ONNX Runtime.
    device
        A device of `edgebert devices`, or a .toml file, as `edgebert calibrate` writes it.
    threads
        Threads of the engine, on the fastest cores.
    length
        Tokens of a row. Without it, the longest that a TFLite file takes, and 128 in an ONNX file.
    """
    from edgebert.predict import predict as show

    show(file, device, threads, length, json)


@app.command
def calibrate(
    *, device: str, adb: str | None = None, benchmark_model: str | None = None, out: Path | None = None
) -> None:
    """Time micro-models on this machine, or on a phone, and write a device profile that predicts from them.

    Some minutes, on a machine that does nothing else. A killed call goes on where it stopped.

    Parameters
    ----------
    device
        `host`, a device of `edgebert devices`, a .toml file of your own, or a new name for this machine.
    adb
        Serial of a phone, as `adb devices` lists it, or `auto` for the only one: LiteRT there, not here.
    benchmark_model
        TensorFlow's `benchmark_model`, built for the phone.
    out
        The profile, NAME.toml without it. The files and their times are kept in a folder beside it.
    """
    from edgebert.calibrate import calibrate as run

    run(device, adb, benchmark_model, out)


@app.command
def doctor() -> None:
    """Look at this machine: what is installed, what the processor can do, and what to mend. Exit code 1 if anything."""
    from edgebert.doctor import doctor as look

    look()


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point; see `edgebert.exit_codes`."""
    console.hush_libraries()
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    with exit_codes():
        app.config = [defaults(tokens)]
        app(split_lists(tokens), error_console=console.errors)
