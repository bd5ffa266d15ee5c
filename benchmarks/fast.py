"""Shapes that suit a phone beside TinyBERT's: what they score after the same distillation, and how fast they are.

Each seed has a teacher of its own; its students learn from it with the same options, in the same number of steps. The
files of every shape are timed together in one run; their weights are random, because a time does not depend on them.
Run: python -m benchmarks.fast                                         (the built-in task)
     python -m benchmarks.fast --data SST-2 --teacher gte-small --name fast-sst-2
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import kept, results, script
from benchmarks.latency import timed
from benchmarks.paired import differences
from edgebert import recipes
from edgebert.files import read_json
from edgebert.recipes.options import ConvertOptions
from edgebert.tasks.task import Task

AGAINST = "tinybert-4"
SHAPES = (
    "bert-4-320-heads5", "bert-4-320-heads5-relu", "bert-4-256-heads4", "bert-4-256-heads4-relu", "bert-3-384-heads6",
    "bert-3-384-heads6-relu", "bert-4-312-ffn1200-heads12-relu",
)  # fmt: skip
ENOUGH_EPOCHS = 1e6
"""The number of steps decides."""


def main(
    *,
    shapes: tuple[str, ...] = SHAPES,
    recipe: str = AGAINST,
    steps: int = 1600,
    seeds: tuple[int, ...] = (0, 1, 2),
    data: Path | None = None,
    teacher: str | None = None,
    unlabelled: str | None = None,
    length: int = 128,
    repeats: int = 3,
    timed_calls: int = 60,
    name: str = "fast",
    work: Path = results.WORK / "fast",
    results_in: Path = results.FOLDER,
) -> None:
    """Time the files of all shapes, train each of them from each seed's teacher, and write down what they score.

    Args:
        shapes: students to hold against `tinybert-4`.
        recipe: how all of them learn; its student and its epochs are left aside.
        steps: of training, for each student.
        seeds: each is the seed of a teacher and of its students.
        data: folder with train.tsv and dev.tsv; without it, the built-in task.
        teacher: checkpoint to start from; without it, the built-in encoder.
        unlabelled: table of texts to distil on.
        length: tokens of a timed text, padding included.
        repeats: how often everything is timed, three rounds each.
        timed_calls: timed calls of each file in a repeat, at least.
        name: of the result file.
        work: where the runs are kept; what is finished there is not done again.
        results_in: folder of the result file, written after every seed.
    """
    watch = results.Watch()
    everyone = (AGAINST, *shapes)
    source, how = kept.source(data, teacher, unlabelled), recipes.load(recipe)
    settings = time_shapes(everyone, length, repeats, timed_calls)
    teachers: list[dict[str, Any]] = []
    students: list[dict[str, Any]] = []
    folders: dict[str, list[Path]] = {shape: [] for shape in everyone}
    for seed in seeds:
        run = work / name / f"seed-{seed}"
        teachers.append(kept.teacher(run, source, how, seed))
        for shape in everyone:
            options = replace(how.distill, student=shape, seed=seed, epochs=ENOUGH_EPOCHS, max_steps=steps)
            folder = kept.student(run, shape, options)
            folders[shape].append(folder)
            students.append({"seed": seed, **kept.scores(folder), **read_json(folder / kept.MACHINE)})
        task = Task.load(run / "task")
        results.write(
            name, "fast", results.command("fast", sys.argv[1:]), watch,
            {
                "against": AGAINST, "steps": steps, "length": length, "seeds": seeds[: len(teachers)],
                "recipe": how.to_tables(), "teachers": teachers, "students": students, "task": task.name,
                "differences": differences(task, folders, AGAINST), "settings": settings,
                "others_busy": max(setting["others_busy"] or 0.0 for setting in settings),
            },
            results_in,
        )  # fmt: skip


def time_shapes(shapes: tuple[str, ...], length: int, repeats: int, timed_calls: int) -> list[dict[str, Any]]:
    """One setting for each TFLite file of each shape, at full length on one thread."""
    from benchmarks import shapes as checkpoints

    convert = ConvertOptions(lengths=(length,), formats=("tflite",))
    with tempfile.TemporaryDirectory(prefix="edgebert-") as scratch:
        work = Path(scratch)
        checkpoints.write_teacher(work / "teacher")
        models = {}
        for shape in shapes:
            checkpoints.write_student(shape, work / "teacher", work / shape)
            models[shape] = checkpoints.write_all_files(work / shape, shape, convert, work / "files" / shape)
        task = checkpoints.write_dev_rows(work / "task")
        settings = timed(models, task, length, timed_calls, repeats, work / "timed")
    return [one for one in settings if one["at"] == "length" and one["threads"] == 1]


if __name__ == "__main__":
    script.run(main)
