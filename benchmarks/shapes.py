"""Checkpoints of the right shape with untrained weights, for time and memory, which do not depend on their values."""

from __future__ import annotations

from pathlib import Path

from edgebert import quantize, students
from edgebert.convert import write_files
from edgebert.models.evaluate import Evaluation
from edgebert.models.load import load
from edgebert.recipes.options import ConvertOptions, QuantizeOptions
from edgebert.tasks.builtin import LABELS, encoder_folder, labelled_table
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.task import Task
from edgebert.teachers.checkpoint import look, write_tokenizer


def write_teacher(folder: Path) -> None:
    """The built-in encoder with a new head."""
    load(encoder_folder(), LABELS).save(folder)
    Evaluation.save_tokenizer(encoder_folder(), folder)


def write_student(name: str, teacher: Path, folder: Path) -> None:
    """A student of that teacher, random."""
    students.architecture(name).build(name, students.Context(teacher, LABELS)).save(folder)


def write_all_files(checkpoint: Path, name: str, options: ConvertOptions, folder: Path) -> list[Path]:
    """The files that ``options`` ask for, fp32 and int8; gives the folders of the two precisions."""
    fp32, int8 = folder / "fp32", folder / "int8"
    write_files(load(checkpoint), name, len(LABELS), options, fp32)
    quantize.quantize(fp32, QuantizeOptions(schemes=("int8",)), int8)
    return [fp32, int8]


def write_dev_rows(folder: Path) -> Task:
    """The sentences of the built-in task as a task of dev rows alone, with the built-in encoder's tokenizer."""
    records = labelled_table().records(("text", "label"))
    rows = Rows.write(folder / "dev.arrow", (Row(text, None, (float(label),)) for _, (text, label) in records))
    write_tokenizer(look(str(encoder_folder())), folder / "tokenizer.json")
    return Task(folder, "rotten-tomatoes", "classes", LABELS, False, {"dev": len(rows)})
