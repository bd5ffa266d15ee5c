"""A method's phases, one training after the other, each in a folder of its own."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from pathlib import Path

import numpy as np
import torch
from accelerate.utils import set_seed

from edgebert.distill.features import FeatureCache, Features, TeacherOutputs
from edgebert.distill.method import Phase
from edgebert.distill.trainee import Trainee
from edgebert.errors import UserError
from edgebert.files import atomic, read_json, write_json
from edgebert.models.evaluate import Evaluation
from edgebert.models.huggingface import HuggingFaceModel
from edgebert.recipes.options import DistillOptions
from edgebert.students.transplant import Start
from edgebert.tasks.tokens import TokenRows
from edgebert.training.loop import Plan, Progress, train

WEIGHTS, PROGRESS = "student.pt", "progress.json"


@dataclass(frozen=True)
class Lesson:
    """Who learns from whom, and on what."""

    student: HuggingFaceModel
    teacher: HuggingFaceModel
    start: Start
    rows: TokenRows
    logits: np.ndarray
    """The teacher's, float32 [rows, outputs]; [rows, 0] where no phase compares logits."""


def learn(
    lesson: Lesson, phases: Sequence[Phase], options: DistillOptions, evaluation: Evaluation, work: Path, label: str
) -> list[Progress]:
    """Train the student through ``phases``.

    Args:
        lesson: its student is trained in place.
        phases: in order.
        options: batch size, seed, limits.
        evaluation: scores a phase that compares logits.
        work: folder; a killed call goes on in it, in the phase it was in.
        label: what the progress bars say.

    Returns:
        How far each phase came.
    """
    student, start, rows = lesson.student, lesson.start, lesson.rows
    widths = (student.width, lesson.teacher.width)
    wanted = [Features.answering(phase, start.layers) for phase in phases]
    outputs = TeacherOutputs(lesson.teacher, lesson.logits, reduce(Features.union, wanted, Features()), None)
    cache = None
    if outputs.features.names:
        budget = options.feature_cache_mb
        cache = FeatureCache.plan(rows, outputs, evaluation.pad_id, budget, work / "features")
    made = []
    for number, (phase, features, steps) in enumerate(
        zip(phases, wanted, steps_of(phases, len(rows), options), strict=True)
    ):
        folder = work / phase.name
        if not (folder / PROGRESS).exists():
            folder.mkdir(exist_ok=True)
            if number:  # a call that goes on has not drawn what the phases before drew
                set_seed(options.seed + number)
            teacher = TeacherOutputs(lesson.teacher, lesson.logits, features, cache)
            trainee = Trainee(student, teacher, phase, start.residual, widths, evaluation.task.standard)
            plan = Plan(phase.epochs, options.batch_size, phase.learning_rate, options.seed + number, steps)
            progress = train(
                trainee, rows, plan, evaluation.pad_id, folder, rate=trainee.rate,
                score=(lambda: evaluation.select(student)) if phase.logits else None,
                label=f"{label}, {phase.name}" if len(phases) > 1 else label,
            )  # fmt: skip
            _keep(student, progress, folder)
            if number:  # its weights are in the new ones
                (work / phases[number - 1].name / WEIGHTS).unlink(missing_ok=True)
        elif (folder / WEIGHTS).exists():
            student.load_state_dict(torch.load(folder / WEIGHTS, weights_only=True))
        made.append(Progress(**read_json(folder / PROGRESS)))
    return made


def steps_of(phases: Sequence[Phase], rows: int, options: DistillOptions) -> list[int]:
    """Steps of each phase: those of its epochs, or its share of `--max-steps` where that is less.

    Raises:
        UserError: if there are fewer steps than phases.
    """
    whole = [Plan(phase.epochs, options.batch_size, phase.learning_rate, 0).steps(rows) for phase in phases]
    limit = options.max_steps
    if limit is None or sum(whole) <= limit:
        return whole
    left = limit
    if limit < len(phases):
        raise UserError(
            f"--max-steps {limit} is less than the {len(phases)} phases of --method {options.method}.",
            "Allow more steps, or choose another method.",
        )
    shares = []
    for number, steps in enumerate(whole[:-1]):
        after = len(phases) - number - 1
        shares.append(min(max(1, steps * limit // sum(whole)), left - after))
        left -= shares[-1]
    return [*shares, left]


def _keep(student: HuggingFaceModel, progress: Progress, folder: Path) -> None:
    """Write down that a phase is done; its checkpoints are not needed any more."""
    student.requires_grad_(True)
    with atomic(folder / WEIGHTS) as temporary:
        torch.save(student.state_dict(), temporary)
    write_json(folder / PROGRESS, asdict(progress))
    shutil.rmtree(folder / "training")
