"""Students of one teacher: each kept under a name of its own in the teacher's run, or in a run beside it."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from edgebert.files import atomic, read_json, write_json
from edgebert.models.scores import ModelScores
from edgebert.pipeline import distill, finetune
from edgebert.recipes import Recipe
from edgebert.recipes.options import DistillOptions, Source
from edgebert.run import FILE
from edgebert.runtimes.meter import OtherCores

MACHINE = "others.json"
SHARED = ("task", "teacher", "transfer")
"""Folders that the runs of a teacher's students have in common."""


def source(data: Path | None, teacher: str | None, unlabelled: str | None = None) -> Source:
    """train.tsv and dev.tsv of a folder and a checkpoint; without them the built-in task and encoder."""
    tables = {split: str(data / f"{split}.tsv") for split in ("train", "dev")} if data else {}
    return Source(teacher=teacher, unlabelled=unlabelled, **tables)


def teacher(run: Path, source: Source, recipe: Recipe, seed: int) -> dict[str, Any]:
    """Make the teacher of a seed in ``run``; gives what it scores."""
    finetune(source, replace(recipe, finetune=replace(recipe.finetune, seed=seed)), out=run)
    return {"seed": seed, **scores(run / "teacher")}


def beside(first: Path, run: Path) -> Path:
    """A run of its own with the task and the teacher of ``first``; one that is there is left as it is."""
    if not run.exists():
        with atomic(run) as temporary:
            temporary.mkdir()
            share(first, temporary)
            shutil.copyfile(first / FILE, temporary / FILE)
    return run


def share(first: Path, run: Path) -> None:
    """Put those of the shared folders that ``first`` has, and ``run`` has not, into ``run``."""
    for folder in SHARED:
        if (first / folder).exists() and not (run / folder).exists():
            with atomic(run / folder) as temporary:
                shutil.copytree(first / folder, temporary, copy_function=os.link)


def student(run: Path, name: str, options: DistillOptions) -> Path:
    """Distil in ``run``, and keep the student under ``name``: the next one has the same teacher.

    A student kept by an earlier call is put back first, and left alone by `distill` if it is of these options.
    """
    kept, current = run / name, run / "student"
    if kept.is_dir():
        shutil.rmtree(current, ignore_errors=True)
        shutil.copytree(kept, current, copy_function=os.link)
    others = OtherCores()
    distill(run, options)
    if not (current / MACHINE).exists():
        write_json(current / MACHINE, {"others_busy": others.share()})
    shutil.rmtree(kept, ignore_errors=True)
    current.rename(kept)
    return kept


def scores(folder: Path) -> dict[str, Any]:
    """What a teacher or a student was, and scores on the selection rows and the dev rows."""
    found, stamp = ModelScores.load(folder), read_json(folder / "stage.json")
    return {
        "name": found.name, "init": found.init, "parameters": found.parameters, "steps": found.steps,
        "best_step": found.best_step, "minutes": round((found.seconds or 0.0) / 60, 2),
        "untrained_select": found.untrained_select, "select": found.select, "dev": found.dev,
        "metric": found.metric, "rows": found.rows, "revision": stamp["revision"],
    }  # fmt: skip
