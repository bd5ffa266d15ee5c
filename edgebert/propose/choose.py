"""Choosing a run's student: `proposed/`, and how the chosen one is to be trained."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, fields, replace
from pathlib import Path

import device_profiles
from edgebert import console, recipes
from edgebert.propose.proposal import Proposal, length_of, said
from edgebert.propose.retention import known
from edgebert.recipes.options import DistillOptions
from edgebert.run import Run
from edgebert.stages import finished, make_stage


def choose(run: Run, given: Collection[str]) -> DistillOptions:
    """Choose the student of a run whose teacher is made.

    Args:
        run: its recipe names a device and a budget.
        given: see `options_of`.

    Returns:
        The student, and the options of its recipe.

    Raises:
        GateError: if no student is predicted to fit.
    """
    recipe = run.recipe
    name, threads, length = str(recipe.predict.device), recipe.predict.threads, length_of(recipe.convert, recipe.budget)
    device = device_profiles.load(name)
    candidates = {one: options_of(one.recipe, recipe.distill, given) for one in known()}

    def make(work: Path) -> None:
        from edgebert.propose.stage import propose
        from edgebert.tasks.task import Task

        task = Task.load(run / "task")
        propose(run / "teacher", task, candidates, recipe.convert, name, device, threads, length, work)

    settings = {
        "device": asdict(device) | {"flags": sorted(device.flags)}, "named": name, "threads": threads, "length": length,
        "convert": recipe.convert,
        "candidates": [(asdict(one), options.student, options.init) for one, options in candidates.items()],
    }  # fmt: skip
    stage = make_stage(run, "proposed", settings, finished(run, "task", "teacher"), make)
    chosen = Proposal.load(stage.folder).chosen(recipe.budget)
    console.say(f"--student auto: {chosen.student}, {chosen.ms:.3g} ms predicted; {said(recipe.budget)} on {name}.")
    return candidates[chosen.retention]


def options_of(recipe: str, asked: DistillOptions, given: Collection[str]) -> DistillOptions:
    """The distilling options of a recipe, but for those that the user wants otherwise.

    Args:
        recipe: its name.
        asked: with the student "auto": what differs from the default here wins over the recipe,
        given: and so do options of these names, whatever they are.
    """
    own, default = recipes.load(recipe).distill, DistillOptions()
    if own.student == "none":  # learns nothing
        return own
    wins = [
        field.name for field in fields(asked)
        if field.name in given or getattr(asked, field.name) != getattr(default, field.name)
    ]  # fmt: skip
    return replace(own, **{name: getattr(asked, name) for name in wins if name != "student"})
