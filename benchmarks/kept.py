"""Students of one teacher, each kept under a name of its own in the teacher's run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from edgebert.files import read_json, write_json
from edgebert.models.scores import ModelScores
from edgebert.pipeline import distill
from edgebert.recipes.options import DistillOptions
from edgebert.runtimes.meter import OtherCores

MACHINE = "others.json"


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
