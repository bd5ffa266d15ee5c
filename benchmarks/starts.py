"""Where a student starts: random weights, chosen layers at full width, or units of the teacher. Same minutes each.

Each seed has a teacher of its own, on the built-in task; its three students learn from it with the same options, in so
many steps as fill the same minutes.
Run: python -m benchmarks.starts        (about 20 minutes a seed on two cores; killed, it goes on where it was)
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import kept, results, script
from edgebert import recipes
from edgebert.files import read_json
from edgebert.models.scores import ModelScores
from edgebert.recipes.options import DistillOptions, Init, Source

RECIPE = "tinybert-4"
PACE_STEPS = (20, 120)
"""Two trainings of so many steps tell what a step takes, apart from what every training takes."""
ENOUGH_EPOCHS = 1e6
"""The number of steps decides."""


@dataclass(frozen=True)
class Start:
    """A student and its first weights."""

    student: str
    init: Init


STARTS = {
    "random": Start("tinybert-4", "random"),
    "layers": Start("bert-3-384", "teacher"),
    "units": Start("tinybert-4", "teacher"),
}


@dataclass(frozen=True)
class Pace:
    """How long a student's training takes: ``fixed`` seconds, and ``step`` seconds for every step."""

    fixed: float
    step: float

    @classmethod
    def of(cls, few: tuple[int, float], many: tuple[int, float]) -> Pace:
        """From two trainings, each as (steps, seconds)."""
        step = (many[1] - few[1]) / (many[0] - few[0])
        return cls(few[1] - few[0] * step, step)

    def steps(self, minutes: float) -> int:
        """Steps that fill ``minutes``."""
        return max(1, round((60 * minutes - self.fixed) / self.step))


def main(
    *,
    minutes: float = 4,
    steps: int | None = None,
    seeds: tuple[int, ...] = (0, 1, 2),
    work: Path = results.WORK / "starts",
    results_in: Path = results.FOLDER,
) -> None:
    """Train three students of each seed's teacher and write down what they score.

    Args:
        minutes: of training, for each student.
        steps: of training, instead: the two shapes take about as long for one, and the minutes of each are recorded.
        seeds: each is the seed of a teacher and of its students.
        work: where the runs are kept; what is finished there is not done again.
        results_in: folder of the result file, written after every seed.
    """
    watch = results.Watch()
    recipe = recipes.load(RECIPE)
    paces: dict[str, Pace] = {}
    teachers, rows = [], []
    for seed in seeds:
        run = work / f"seed-{seed}"
        teachers.append(kept.teacher(run, Source(), recipe, seed))
        for name, start in STARTS.items():
            if steps is None and start.student not in paces:
                paces[start.student] = _pace(run, start.student, recipe.distill)
            options = _options(recipe.distill, start, seed, steps or paces[start.student].steps(minutes))
            folder = kept.student(run, f"start-{name}", options)
            rows.append({"seed": seed, "start": name, **kept.scores(folder), **read_json(folder / kept.MACHINE)})
        results.write(
            "starts", "starts", results.command("starts", sys.argv[1:]), watch,
            {
                "minutes": None if steps else minutes, "seeds": seeds[: len(teachers)], "recipe": recipe.to_tables(),
                "pace": {name: vars(pace) for name, pace in paces.items()}, "teachers": teachers, "students": rows,
            },
            results_in,
        )  # fmt: skip


def _pace(run: Path, student: str, options: DistillOptions) -> Pace:
    """How fast a student trains here. Both shapes are timed on the same batches."""
    timed = []
    for steps in PACE_STEPS:
        folder = kept.student(run, f"pace-{student}-{steps}", _options(options, Start(student, "teacher"), 0, steps))
        timed.append((steps, float(ModelScores.load(folder).seconds or 0.0)))
    return Pace.of(*timed)


def _options(options: DistillOptions, start: Start, seed: int, steps: int) -> DistillOptions:
    return replace(options, student=start.student, init=start.init, seed=seed, epochs=ENOUGH_EPOCHS, max_steps=steps)


if __name__ == "__main__":
    script.run(main)
