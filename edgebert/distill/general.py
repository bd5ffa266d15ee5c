"""General distillation (TinyBERT, Jiao et al. 2020): before the task, from the encoder that was not fine-tuned.

The student learns what is inside that encoder, on texts without labels. It begins as `--init` says, out of the task's
teacher where that is "teacher", so that its head is there already.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from accelerate.utils import set_seed

from edgebert import console, students
from edgebert.distill.method import Setting, general_phases, phases
from edgebert.distill.phases import Lesson, learn
from edgebert.errors import UserError
from edgebert.files import atomic
from edgebert.models.evaluate import Evaluation
from edgebert.models.huggingface import HuggingFaceModel
from edgebert.models.load import load
from edgebert.recipes.options import DistillOptions
from edgebert.students.init import initialise
from edgebert.students.transplant import Start
from edgebert.tasks.task import Task

FILE = "student.pt"


def general(
    task: Task, teacher_folder: Path, encoder: Path | None, options: DistillOptions, max_length: int, work: Path
) -> None:
    """Write the student of general distillation into ``work``.

    Args:
        task: its unlabelled rows are learnt from.
        teacher_folder: the task's teacher, out of which the student may be taken.
        encoder: the checkpoint that the teacher was fine-tuned from; None where the user brought a classifier, whose
            own encoder is the teacher then.
        options: which student, where it starts, what it compares.
        max_length: where texts are cut, in tokens.
        work: the stage's folder; a killed call goes on in it.

    Raises:
        UserError: if there are no unlabelled rows, or the method has no phase for it.
    """
    if not task.sizes.get("unlabelled"):
        raise UserError(
            f"--general-epochs {options.general_epochs:g} learns from texts without labels, and there are none.",
            "Give them with --unlabelled, or leave --general-epochs out.",
        )
    set_seed(options.seed)
    evaluation = Evaluation(task, max_length, work / "scratch")
    context = students.Context(teacher_folder, task.labels, task.has_pair)
    student = students.architecture(options.student).build(options.student, context)
    task_teacher = load(teacher_folder)
    task_teacher.rescale(1 / task.scale, -task.shift / task.scale)  # as in the stage that goes on with this student
    teacher = task_teacher if encoder is None else load(encoder, task.labels)
    if encoder is None:
        console.say("  the checkpoint is a classifier: its own encoder is the general teacher")
    setting = Setting(options=options, kind=evaluation.kind, depth=student.depth, widths=(student.width, teacher.width))
    inner = general_phases(phases(setting, student, teacher), options)
    start = initialise(student, task_teacher, options, evaluation)
    rows = evaluation.tokens("unlabelled")
    lesson = Lesson(student, teacher, start, rows, np.empty((len(rows), 0), np.float32))
    learn(lesson, inner, options, evaluation, work / "scratch", "general distillation")
    with atomic(work / FILE) as temporary:
        torch.save({"weights": student.state_dict(), "layers": start.layers, "kept": start.residual}, temporary)


def resume(student: HuggingFaceModel, folder: Path) -> Start:
    """Put what `general` left in ``folder`` into ``student``; gives how it stands to its teacher."""
    found = torch.load(folder / FILE, weights_only=True)
    student.load_state_dict(found["weights"])
    return Start(found["layers"], found["kept"])
