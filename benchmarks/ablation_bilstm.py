"""What the augmentations of Tang et al. (2019) are worth to a BiLSTM: none, each alone, all three; the same steps.

Each seed has a teacher of its own; its students learn its logits with the same options and in the same number of steps,
from the train rows and from what the augmentation makes of them. Unlabelled texts are left out: they would stand in for
what augmentation is to give.
Run: python -m benchmarks.ablation_bilstm                                  (the built-in task)
     python -m benchmarks.ablation_bilstm --data SST-2 --teacher gte-small --name ablation-bilstm-sst-2
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import kept, results, script
from benchmarks.paired import differences
from edgebert import recipes
from edgebert.augment.result import Augmented
from edgebert.pipeline import distill
from edgebert.tasks.task import Task

RECIPE = "tinybert-4"
ENOUGH_EPOCHS = 1e6
"""The number of steps decides."""
NONE = "none"
OFF = {"augment_mask": 0.0, "augment_swap": 0.0, "augment_ngram": 0.0}
VARIANTS: dict[str, dict[str, Any]] = {
    NONE: {"augment": "none"},
    "mask": {**OFF, "augment": "tang", "augment_mask": 0.1},
    "swap": {**OFF, "augment": "tang", "augment_swap": 0.1},
    "ngram": {**OFF, "augment": "tang", "augment_ngram": 0.25},
    "all": {"augment": "tang", "augment_mask": 0.1, "augment_swap": 0.1, "augment_ngram": 0.25},
}
"""By what is made; the probabilities are the paper's."""


def main(
    *,
    steps: int = 6000,
    copies: int = 20,
    seeds: tuple[int, ...] = (0, 1, 2),
    student: str = "bilstm",
    method: str = "logits-mse",
    learning_rate: float = 1e-3,
    data: Path | None = None,
    teacher: str | None = None,
    name: str = "ablation-bilstm",
    work: Path = results.WORK / "ablation",
    results_in: Path = results.FOLDER,
) -> None:
    """Train the variants of each seed's teacher and write down what they score.

    Args:
        steps: of training, for each student.
        copies: passes of the augmentation over the train rows.
        seeds: each is the seed of a teacher, of its students and of their augmented rows.
        student: name of the student.
        method: what it learns by.
        learning_rate: its peak.
        data: folder with train.tsv and dev.tsv; without it, the built-in task.
        teacher: checkpoint to start from; without it, the built-in encoder.
        name: of the result file.
        work: where the runs are kept; what is finished there is not done again.
        results_in: folder of the result file, written after every seed.
    """
    watch = results.Watch()
    source, recipe = kept.source(data, teacher), recipes.load(RECIPE)
    recipe = replace(
        recipe, data=replace(recipe.data, unlabelled_rows=0),
        distill=replace(
            recipe.distill, student=student, method=method, learning_rate=learning_rate, augment_copies=copies,
            epochs=ENOUGH_EPOCHS, max_steps=steps, hard_label_share=0.0,
        ),
    )  # fmt: skip
    teachers: list[dict[str, Any]] = []
    students: list[dict[str, Any]] = []
    folders: dict[str, list[Path]] = {variant: [] for variant in VARIANTS}
    for seed in seeds:
        run = work / name / f"seed-{seed}"
        teachers.append(kept.teacher(run, source, recipe, seed))
        for variant, made in VARIANTS.items():
            own = kept.beside(run, run.with_name(f"{run.name}-{variant}"))  # its augmented rows stay there too
            distill(own, replace(recipe.distill, seed=seed, **made))
            folders[variant].append(own / "student")
            rows = Augmented.load(own / "augmented").rows if variant != NONE else 0
            students.append({"seed": seed, "augmented": variant, "rows_made": rows, **kept.scores(own / "student")})
        task = Task.load(run / "task")
        results.write(
            name, "ablation_bilstm", results.command("ablation_bilstm", sys.argv[1:]), watch,
            {
                "steps": steps, "copies": copies, "seeds": seeds[: len(teachers)], "recipe": recipe.to_tables(),
                "teachers": teachers, "students": students, "task": task.name,
                "differences": differences(task, folders, NONE),
            },
            results_in,
        )  # fmt: skip


if __name__ == "__main__":
    script.run(main)
