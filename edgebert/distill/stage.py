"""The distilling stage: teacher and rows in, a trained student out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from accelerate.utils import set_seed

from edgebert import students
from edgebert.distill.features import FeatureCache, TeacherOutputs
from edgebert.distill.method import method
from edgebert.distill.trainee import Trainee
from edgebert.distill.transfer import open_transfer
from edgebert.models.evaluate import Evaluation
from edgebert.models.huggingface import HuggingFaceModel
from edgebert.models.load import load
from edgebert.models.scores import ModelScores
from edgebert.recipes.options import DistillOptions
from edgebert.students.init import initialise
from edgebert.tasks.task import Task
from edgebert.training.loop import Plan, train


def distill(task: Task, teacher_folder: Path, transfer: Path | None, options: DistillOptions, max_length: int,
            work: Path) -> ModelScores:  # fmt: skip
    """Write the trained student into ``work``, with its scores and its dev logits.

    Args:
        task: its selection rows choose the best checkpoint, its dev rows are scored once.
        teacher_folder: the teacher's checkpoint.
        transfer: folder of the transfer rows; None for `--student none`, which learns nothing.
        options: which student, where it starts, how it learns.
        max_length: where texts are cut, in tokens.
        work: the stage's folder; a killed call goes on in it.
    """
    set_seed(options.seed)
    evaluation = Evaluation(task, max_length, work / "scratch")
    student = students.architecture(options.student).build(
        options.student, students.Context(teacher_folder, task.labels, task.has_pair)
    )
    student.config.problem_type = evaluation.kind.PROBLEM_TYPE
    teachers = ModelScores.load(teacher_folder)
    counts = student.counts(max_length)
    scores = replace(
        teachers, name=options.student, architecture=student.config.model_type, source=teachers.source,
        parameters=counts.parameters, macs=counts.macs, fine_tuned=False,
    )  # fmt: skip
    if transfer is not None:
        scores = _learn(student, load(teacher_folder), transfer, options, evaluation, scores, work)
    student.save(work)
    evaluation.save_tokenizer(teacher_folder, work)
    scores = replace(scores, dev=evaluation.dev(student, work / "logits-dev.npy"))
    scores.save(work)
    return scores


def _learn(
    student: HuggingFaceModel, teacher: HuggingFaceModel, transfer: Path, options: DistillOptions,
    evaluation: Evaluation, scores: ModelScores, work: Path,
) -> ModelScores:  # fmt: skip
    rows, logits = open_transfer(transfer)
    task = evaluation.task
    teacher.rescale(1 / task.scale, -task.shift / task.scale)  # so that a student taken out of it learns in that unit
    found = method(options.method, student, options.student)
    start = initialise(student, teacher, options, evaluation)
    # hidden_states[0] is the embedding output, so layer i (from 0) is hidden_states[i + 1].
    layers = (0, *(layer + 1 for layer in start.layers)) if "hidden_states" in found.NEEDS else ()
    outputs = TeacherOutputs(teacher, logits, layers, None)
    if layers:
        path = work / "scratch" / "features.npy"
        FeatureCache.plan(rows, outputs, evaluation.pad_id, options.feature_cache_mb, path)
    untrained = evaluation.select(student)
    trainee = Trainee(student, outputs, found, options, start, (student.width, teacher.width), len(layers), task)
    plan = Plan(options.epochs, options.batch_size, options.learning_rate, options.seed, options.max_steps)
    progress = train(
        trainee, rows, plan, evaluation.pad_id, work / "scratch",
        score=lambda: evaluation.select(student), label=f"distilling {options.student}",
    )  # fmt: skip
    student.rescale(task.scale, task.shift)
    return replace(
        scores, init=options.init, untrained_select=untrained, select=progress.best_score, seed=options.seed,
        steps=progress.step, best_step=progress.best_step, seconds=round(progress.seconds, 1),
    )  # fmt: skip
