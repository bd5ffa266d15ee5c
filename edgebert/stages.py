"""The stages of a run: what each is called, which verb makes it, and how it is run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from edgebert import console
from edgebert.run import Run
from edgebert.store import Stage, run_stage, stage_at


@dataclass(frozen=True)
class Words:
    """What a stage is called on the terminal, and the verb that makes it."""

    title: str
    verb: str


STAGES = {
    "task": Words("reading the tables", "finetune"),
    "teacher": Words("making the teacher", "finetune"),
    "proposed": Words("proposing a student", "export"),
    "mlm": Words("looking for a masked language model", "distill"),
    "augmented": Words("augmenting the train rows", "distill"),
    "transfer": Words("asking the teacher", "distill"),
    "general": Words("distilling in general", "distill"),
    "student": Words("distilling", "distill"),
    "converted": Words("converting", "convert"),
    "quantized": Words("quantising", "quantize"),
    "verified": Words("verifying the files", "verify"),
    "profiled": Words("timing the files", "profile"),
    "predicted": Words("predicting for the device", "report"),
}
"""By the name of the stage's folder, in order."""


def finished(run: Run, *names: str) -> dict[str, Stage]:
    """Stages that must be done before.

    Raises:
        UserError: for one that is not, naming the verb that makes it.
    """
    return {name: stage_at(run / name, STAGES[name].verb) for name in names}


def make_stage(
    run: Run,
    name: str,
    settings: Mapping[str, object],
    after: Mapping[str, Stage],
    make: Callable[[Path], None],
    unread: Collection[str] = (),
) -> Stage:
    """Run a stage where it is not done already, and show what it changed; arguments as of `store.run_stage`."""
    made = False

    def begin() -> None:
        nonlocal made
        made = True
        console.heading(STAGES[name].title)

    stage = run_stage(run / name, settings, after, make, begin, unread)
    if made:
        from edgebert.report import stage_table

        stage_table(run.folder, name)
    return stage
