"""The stages that only the student reads: what it learns from, beside its teacher.

train, unlabelled ─┬─ mlm/ ─▶ augmented/ ─▶ transfer/ ─▶ student/
└──────────── general/ ───────────────┘
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from edgebert import augment
from edgebert.files import sha256
from edgebert.recipes.options import DistillOptions
from edgebert.run import Run
from edgebert.stages import make_stage
from edgebert.store import Stage
from edgebert.teachers.checkpoint import Checkpoint, chosen

GENERAL_OPTIONS = (
    "student", "init", "init_checkpoint", "layer_map", "method", "tinybert_terms", "schedule", "general_epochs",
    "intermediate_learning_rate", "batch_size", "seed",
)  # fmt: skip
"""What general distillation depends on: another temperature does not make it again."""


def augmented(run: Run, options: DistillOptions, after: dict[str, Stage]) -> Stage:
    """More rows, made of the train rows: `augmented/`, and the masked language model that it asks: `mlm/`."""
    asked = augment.way(options.augment).candidates(options)
    checkpoint = chosen(run.source)
    masked_lm = None
    if asked == "masked-lm" or (asked == "auto" and checkpoint.has_masked_lm):
        after["mlm"] = _masked_lm(run, options, checkpoint, after["task"])
        masked_lm = run / "mlm"

    def make(work: Path) -> None:
        from edgebert.augment.stage import augment as stage
        from edgebert.tasks.task import Task

        stage(Task.load(run / "task"), run / "teacher", masked_lm, options, work)

    vectors = sha256(Path(options.word_vectors)) if options.word_vectors else None
    return make_stage(run, "augmented", {**augment.settings(options), "word_vectors": vectors}, after, make)


def transfer(run: Run, after: dict[str, Stage]) -> Stage:
    """All rows that the student learns on, with the teacher's logits: `transfer/`."""
    length = run.recipe.convert.max_length

    def make(work: Path) -> None:
        from edgebert.distill.transfer import transfer as stage
        from edgebert.tasks.task import Task

        augmented = run / "augmented" if "augmented" in after else None
        stage(Task.load(run / "task"), run / "teacher", augmented, length, work)

    return make_stage(run, "transfer", {"max_length": length}, after, make)


def general(run: Run, after: dict[str, Stage]) -> Stage:
    """The student of general distillation: `general/`."""
    options, length = replace(run.recipe.distill, max_steps=None), run.recipe.convert.max_length

    def make(work: Path) -> None:
        from edgebert.distill.general import general as stage
        from edgebert.tasks.task import Task

        checkpoint = chosen(run.source)
        encoder = None if checkpoint.is_classifier else checkpoint.folder
        stage(Task.load(run / "task"), run / "teacher", encoder, options, length, work)

    settings = {name: getattr(options, name) for name in GENERAL_OPTIONS} | {"max_length": length}
    return make_stage(run, "general", settings, after, make)


def _masked_lm(run: Run, options: DistillOptions, checkpoint: Checkpoint, task: Stage) -> Stage:
    length = run.recipe.convert.max_length

    def make(work: Path) -> None:
        from edgebert.tasks.task import Task
        from edgebert.teachers.masked_lm import fit

        fit(checkpoint, Task.load(task.folder), options, length, work)

    settings = {
        "checkpoint": checkpoint.digests("config.json", "*.safetensors", "*.bin"),
        "fitting": {name: getattr(options, name) for name in ("mlm_epochs", "mlm_layers", "mlm_steps", "seed")},
        "max_length": length,
    }
    return make_stage(run, "mlm", settings, {"task": task}, make)
