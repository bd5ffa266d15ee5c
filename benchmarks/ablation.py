"""What TinyBERT's terms are worth: one left out at a time, the same steps for all, three seeds.

Each seed has a teacher of its own; its students learn from it with the same options and in the same number of steps,
of which a variant without the intermediate phase gives all to the prediction.
Run: python -m benchmarks.ablation                                         (the built-in task)
     python -m benchmarks.ablation --data SST-2 --teacher gte-small --name ablation-sst-2
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import kept, results, script
from benchmarks.paired import differences
from edgebert import recipes
from edgebert.files import read_json
from edgebert.recipes.options import DistillOptions
from edgebert.tasks.task import Task

RECIPE = "tinybert-4"
ENOUGH_EPOCHS = 1e6
"""The number of steps decides."""
FULL = "full"
VARIANTS: dict[str, dict[str, Any]] = {
    FULL: {},
    "attention": {"tinybert_terms": ("embeddings", "hidden")},
    "hidden": {"tinybert_terms": ("embeddings", "attention")},
    "embeddings": {"tinybert_terms": ("hidden", "attention")},
    "intermediate": {"intermediate_epochs": 0},
}
"""By what is left out."""


def main(
    *,
    steps: int = 1600,
    intermediate_share: float = 0.5,
    seeds: tuple[int, ...] = (0, 1, 2),
    data: Path | None = None,
    teacher: str | None = None,
    name: str = "ablation",
    work: Path = results.WORK / "ablation",
    results_in: Path = results.FOLDER,
) -> None:
    """Train the variants of each seed's teacher and write down what they score.

    Args:
        steps: of training, for each student, all phases together.
        intermediate_share: share of them before the prediction, for those that have such a phase.
        seeds: each is the seed of a teacher and of its students.
        data: folder with train.tsv and dev.tsv; without it, the built-in task.
        teacher: checkpoint to start from; without it, the built-in encoder.
        name: of the result file.
        work: where the runs are kept; what is finished there is not done again.
        results_in: folder of the result file, written after every seed.
    """
    watch = results.Watch()
    source, recipe = kept.source(data, teacher), recipes.load(RECIPE)
    teachers: list[dict[str, Any]] = []
    students: list[dict[str, Any]] = []
    folders: dict[str, list[Path]] = {variant: [] for variant in VARIANTS}
    for seed in seeds:
        run = work / name / f"seed-{seed}"
        teachers.append(kept.teacher(run, source, recipe, seed))
        for variant, without in VARIANTS.items():
            options = replace(_options(recipe.distill, seed, steps, intermediate_share), **without)
            folder = kept.student(run, f"without-{variant}" if without else variant, options)
            folders[variant].append(folder)
            students.append(
                {"seed": seed, "without": variant, **kept.scores(folder), **read_json(folder / kept.MACHINE)}
            )
        task = Task.load(run / "task")
        results.write(
            name, "ablation", results.command("ablation", sys.argv[1:]), watch,
            {
                "steps": steps, "intermediate_share": intermediate_share, "seeds": seeds[: len(teachers)],
                "recipe": recipe.to_tables(), "teachers": teachers, "students": students,
                "task": task.name, "differences": differences(task, folders, FULL),
            },
            results_in,
        )  # fmt: skip


def _options(options: DistillOptions, seed: int, steps: int, share: float) -> DistillOptions:
    return replace(
        options, method="tinybert", seed=seed, max_steps=steps, epochs=(1 - share) * ENOUGH_EPOCHS,
        intermediate_epochs=share * ENOUGH_EPOCHS,
    )  # fmt: skip


if __name__ == "__main__":
    script.run(main)
