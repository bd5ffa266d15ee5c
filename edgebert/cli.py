"""The command line: names, options and help. A stage is imported when it is called, not before."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter
from cyclopts.config import Dict

from edgebert import console, recipes
from edgebert.errors import EdgebertError
from edgebert.recipes.options import (
    ConvertOptions,
    DataOptions,
    DistillOptions,
    FinetuneOptions,
    ProfileOptions,
    QuantizeOptions,
    Source,
    VerifyOptions,
)

Flat = Parameter(name="*", negative_iterable=())
"""An options class whose fields are options of their own."""

app = App(
    name="edgebert",
    help="Take a fine-tuned BERT to a phone: distil, quantise, convert, and prove that the files still answer right.",
    default_parameter=Parameter(negative_iterable=(), consume_multiple=True),
)

RunFolder = Annotated[Path, Parameter(help="Run folder, as --out of `export` or `finetune` named it.")]
RecipeName = Annotated[str, Parameter(help="Named set of options, or a .toml file; an option given here wins over it.")]
Out = Annotated[Path, Parameter(help="Run folder, made where it is missing. A second call goes on in it.")]
Android = Annotated[Path | None, Parameter(help="Android project whose app/src/main/assets/edgebert/ gets the bundle.")]


@app.command
def export(
    source: Annotated[Source, Flat] = Source(),
    data: Annotated[DataOptions, Flat] = DataOptions(),
    finetune: FinetuneOptions = FinetuneOptions(),
    distill: Annotated[DistillOptions, Flat] = DistillOptions(),
    convert: Annotated[ConvertOptions, Flat] = ConvertOptions(),
    quantize: Annotated[QuantizeOptions, Flat] = QuantizeOptions(),
    verify: Annotated[VerifyOptions, Flat] = VerifyOptions(),
    profile: Annotated[ProfileOptions, Flat] = ProfileOptions(),
    *,
    recipe: RecipeName = "tinybert-4",
    out: Out = Path("artefacts"),
    android: Android = None,
) -> None:
    """From a checkpoint and a table to checked ONNX and TFLite files in an app's folder.

    Without options: the built-in task and encoder of the `demo` extra.
    """
    from edgebert.pipeline import export as run

    chosen = recipes.Recipe(
        data=data, finetune=finetune, distill=distill, convert=convert, quantize=quantize, verify=verify, profile=profile
    )
    run(source, chosen, out=out, android=android)


@app.command
def finetune(
    source: Annotated[Source, Flat] = Source(),
    data: Annotated[DataOptions, Flat] = DataOptions(),
    options: Annotated[FinetuneOptions, Flat] = FinetuneOptions(),
    convert: Annotated[ConvertOptions, Flat] = ConvertOptions(),
    *,
    recipe: RecipeName = "tinybert-4",
    out: Out = Path("artefacts"),
) -> None:
    """Read the tables and make the teacher, the first two folders of a run."""
    from edgebert.pipeline import finetune as run

    tables = recipes.load(recipe)
    chosen = recipes.Recipe(
        data=data, finetune=options, distill=tables.distill, convert=convert,
        quantize=tables.quantize, verify=tables.verify, profile=tables.profile,
    )  # fmt: skip
    run(source, chosen, out=out)


@app.command
def distill(run: RunFolder = Path("artefacts"), options: Annotated[DistillOptions, Flat] = DistillOptions()) -> None:
    """Train a student on what the teacher of a run says."""
    from edgebert import pipeline

    pipeline.distill(run, options)


@app.command
def convert(run: RunFolder = Path("artefacts"), options: Annotated[ConvertOptions, Flat] = ConvertOptions()) -> None:
    """Write the student's fp32 files, ONNX and TFLite."""
    from edgebert import pipeline

    pipeline.convert(run, options)


@app.command
def quantize(run: RunFolder = Path("artefacts"), options: Annotated[QuantizeOptions, Flat] = QuantizeOptions()) -> None:
    """Make int8 files of the fp32 ones."""
    from edgebert import pipeline

    pipeline.quantize(run, options)


@app.command
def verify(run: RunFolder = Path("artefacts"), options: Annotated[VerifyOptions, Flat] = VerifyOptions()) -> None:
    """Hold every file's answers on the dev rows against the student's. Exit code 1 when one fails."""
    from edgebert import pipeline

    pipeline.verify(run, options)


@app.command
def profile(run: RunFolder = Path("artefacts"), options: Annotated[ProfileOptions, Flat] = ProfileOptions()) -> None:
    """Time every file on this machine, beside the teacher and a BERT-base."""
    from edgebert import pipeline

    pipeline.profile(run, options)


@app.command
def report(run: RunFolder = Path("artefacts"), *, android: Android = None) -> None:
    """Write report.json, report.md and the bundle."""
    from edgebert import pipeline

    pipeline.report(run, android=android)


@app.command
def inspect(file: Path) -> None:
    """Show what is in an ONNX or TFLite file: inputs, outputs, operators, and what a phone would stumble over.

    Parameters
    ----------
    file
        An .onnx or .tflite file.
    """
    from edgebert.inspect import inspect as show

    show(file)


@app.command
def doctor() -> None:
    """Look at this machine: what is installed, what the processor can do, and what to mend. Exit code 1 if anything."""
    from edgebert.doctor import doctor as look

    look()


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point. Exit code 0; 1 for a failed gate or our own failure; 2 for a user's mistake; 130 when stopped."""
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app.config = [_defaults(tokens)]
        app(tokens, console=console.console, error_console=console.console, exit_on_error=False, print_error=True)
    except KeyboardInterrupt:
        console.say("\nStopped. The same command goes on from here.")
        sys.exit(130)
    except EdgebertError as error:
        console.fail(error.what, error.fix)
        sys.exit(error.exit_code)


def _defaults(tokens: Sequence[str]) -> Dict:
    """The values that options have when they are not given: the recipe's, or those of the run that a verb goes on in."""
    verb = tokens[0] if tokens else ""
    if verb in ("export", "finetune"):
        name = _value(tokens, "--recipe") or "tinybert-4"
        return Dict(_flat(recipes.load(name).to_tables(), verb), source=f"recipe {name}", use_commands_as_keys=False)
    return Dict({}, source="run")


def _flat(tables: dict[str, dict[str, Any]], verb: str) -> dict[str, Any]:
    del tables, verb
    return {}


def _value(tokens: Sequence[str], option: str) -> str | None:
    for index, token in enumerate(tokens):
        if token == option and index + 1 < len(tokens):
            return tokens[index + 1]
        if token.startswith(option + "="):
            return token.split("=", 1)[1]
    return None
