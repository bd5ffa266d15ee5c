"""What cannot work is refused before any work is done."""

from __future__ import annotations

from pathlib import Path

import device_profiles
from edgebert import augment, console, registry, runtimes, students
from edgebert.errors import UserError
from edgebert.propose.proposal import length_of
from edgebert.recipes import Recipe
from edgebert.recipes.options import ConvertOptions, DistillOptions, Source


def check(source: Source, recipe: Recipe) -> None:
    """Refuse options that do not exist, or do not go with each other or with what the user brings.

    Raises:
        UserError: naming them.
    """
    if recipe.predict.device:
        device_profiles.load(recipe.predict.device)
    if recipe.distill.is_auto:
        _check_auto(recipe)
    else:
        students.architecture(recipe.distill.student)
    check_augmentation(recipe.distill)
    for file_format in recipe.convert.file_formats:
        runtimes.choose(recipe.verify.runtimes, file_format)
    if recipe.distill.student != "none" and source.dev and not source.train:
        raise UserError(
            f"--student {recipe.distill.student} is to be distilled, but there is no --train table to distil on.",
            "Give --train, or ship the teacher itself with --student none.",
        )
    if (method := recipe.distill.method) not in (known := registry.names("distill/methods")):
        raise registry.unknown("--method", method, known)
    if recipe.distill.general_epochs and not (source.unlabelled or source.builtin_task):
        raise UserError(
            f"--general-epochs {recipe.distill.general_epochs:g} learns from texts without labels, and there are none.",
            "Give them with --unlabelled, or leave --general-epochs out.",
        )
    if source.train and not source.teacher:
        console.say("No --teacher was given: starting from the encoder of the demo extra, all-MiniLM-L6-v2.")


def _check_auto(recipe: Recipe) -> None:
    if not (recipe.predict.device and recipe.budget.given):
        raise UserError(
            "--student auto chooses by what a device can do in time: it needs --device and --budget-ms or --budget-mb.",
            "For example: --student auto --device pixel4 --budget-ms 20",
        )
    if "int8" not in recipe.quantize.schemes:
        raise UserError(
            f"--student auto goes by int8 files, and --schemes {' '.join(recipe.quantize.schemes)} makes none.",
            "Add int8 to --schemes, or name a --student.",
        )
    if not recipe.convert.is_auto:
        length_of(recipe.convert, recipe.budget)


def check_student(options: DistillOptions) -> None:
    """Refuse a student that there is not, or that nobody has chosen yet."""
    if options.is_auto:
        raise UserError(
            "--student auto is chosen by edgebert export, once the teacher is made.",
            "Run edgebert export with --student auto, or name a --student here.",
        )
    students.architecture(options.student)


def check_vocabulary(task: Path, options: DistillOptions) -> None:
    """Refuse to prune a vocabulary that cannot be, or not so far, before anything is trained."""
    if options.vocabulary is not None:
        from edgebert.tasks.pruning import required

        required(task / "tokenizer.json", options.vocabulary)


def check_files(folder: Path, options: ConvertOptions) -> None:
    """Refuse files that cannot be made for the task in ``folder``: for MediaPipe, or of probabilities it has not."""
    from edgebert.tasks import kinds, mediapipe
    from edgebert.tasks.task import Task

    task = Task.load(folder)
    if options.target == "mediapipe":
        mediapipe.check(task)
    if options.text_input != "no":
        from edgebert.verify import text_input

        found = text_input.compare(task, folder / "tokenizer.json", options.max_length)
        if options.text_input == "exact":
            text_input.need_exact(found)
    kind = task.kind
    if options.output == "probabilities" and kinds.get(kind).PROBABILITY is None:
        raise UserError(
            f"--output probabilities: the task is a {kind}, which has none.",
            "Leave --output out: the file gives the number itself.",
        )


def check_augmentation(options: DistillOptions) -> None:
    """Refuse an augmentation, or a table of word vectors, that is not there."""
    if options.augment != "none":
        augment.way(options.augment)
        if options.word_vectors and not Path(options.word_vectors).is_file():
            raise UserError(f"--word-vectors {options.word_vectors}: there is no such file.", "Check the path.")
