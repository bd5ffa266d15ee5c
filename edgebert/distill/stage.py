"""The distilling stage: teacher and rows in, a trained student out."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from accelerate.utils import set_seed

from edgebert import console, students
from edgebert.distill.general import resume
from edgebert.distill.method import Setting, phases
from edgebert.distill.phases import Lesson, learn
from edgebert.distill.transfer import open_transfer
from edgebert.distill.vocabulary import compare, prune
from edgebert.models.evaluate import Evaluation
from edgebert.models.huggingface import HuggingFaceModel
from edgebert.models.load import load
from edgebert.models.scores import ModelScores, PrunedVocabulary
from edgebert.recipes.options import DistillOptions
from edgebert.students.init import initialise
from edgebert.tasks.task import Task
from edgebert.tasks.tokens import TokenRows


def distill(task: Task, teacher_folder: Path, transfer: Path | None, general: Path | None, options: DistillOptions,
            max_length: int, work: Path) -> ModelScores:  # fmt: skip
    """Write the trained student into ``work``, with its scores and its dev logits.

    Args:
        task: its selection rows choose the best checkpoint, its dev rows are scored once.
        teacher_folder: the teacher's checkpoint.
        transfer: folder of the transfer rows; None for `--student none`, which learns nothing.
        general: folder of the student that general distillation left; None where there was none.
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
        scores = _learn(student, load(teacher_folder), transfer, general, options, evaluation, scores, work)
    evaluation.save_tokenizer(teacher_folder, work)
    if options.vocabulary is not None:
        learnt = evaluation.tokens("train") if transfer is None else open_transfer(transfer)[0]
        evaluation, pruned = _prune(student, learnt, evaluation, options.vocabulary, work / "tokenizer.json")
        scores = replace(scores, parameters=student.counts(max_length).parameters, vocabulary=pruned)
    student.save(work)
    scores = replace(scores, dev=evaluation.dev(student, work / "logits-dev.npy"))
    scores.save(work)
    return scores


def _prune(
    student: HuggingFaceModel, learnt: TokenRows, whole: Evaluation, most: int, tokenizer: Path
) -> tuple[Evaluation, PrunedVocabulary]:
    """Cut the student's vocabulary and write its ``tokenizer``; gives what scores it with that, and what it changes."""
    table, scratch = student.input_embeddings, whole.scratch / "pruned"
    pieces = table.num_embeddings
    kept = prune(student, whole.task.folder / "tokenizer.json", learnt, most, tokenizer)
    shutil.rmtree(scratch, ignore_errors=True)  # of a killed call
    own = Evaluation(whole.task, whole.max_length, scratch, tokenizer)
    found = compare(whole.tokens("dev"), own.tokens("dev"), kept, pieces, table.embedding_dim)
    console.say(f"  {found.sentence}")
    return own, found


def _learn(
    student: HuggingFaceModel, teacher: HuggingFaceModel, transfer: Path, general: Path | None,
    options: DistillOptions, evaluation: Evaluation, scores: ModelScores, work: Path,
) -> ModelScores:  # fmt: skip
    rows, logits = open_transfer(transfer)
    task = evaluation.task
    teacher.rescale(1 / task.scale, -task.shift / task.scale)  # so that a student taken out of it learns in that unit
    widths = (student.width, teacher.width)
    setting = Setting(options=options, kind=evaluation.kind, depth=student.depth, widths=widths)
    trainings = phases(setting, student, teacher)
    start = resume(student, general) if general else initialise(student, teacher, options, evaluation)
    untrained = evaluation.select(student)
    lesson = Lesson(student, teacher, start, rows, logits)
    made = learn(lesson, trainings, options, evaluation, work / "scratch", f"distilling {options.student}")
    before, last = sum(progress.step for progress in made[:-1]), made[-1]
    student.rescale(task.scale, task.shift)
    return replace(
        scores, init=options.init, untrained_select=untrained, select=last.best_score, seed=options.seed,
        steps=before + last.step, best_step=before + last.best_step,
        seconds=round(sum(progress.seconds for progress in made), 1),
    )  # fmt: skip
