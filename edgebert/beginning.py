"""The first stages of a run: the tables become a task, the checkpoint its teacher."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from edgebert.run import Run
from edgebert.stages import make_stage
from edgebert.store import Stage
from edgebert.teachers.checkpoint import Checkpoint


def with_lengths(run: Run) -> Run:
    """The run with the lengths that fit its rows, where they are `auto` and the rows were read."""
    if not run.recipe.convert.is_auto or not (run / "task").exists():
        return run
    from edgebert.tasks.sanity import Sanity

    lengths = Sanity.load(run / "task").lengths.fitting
    return run.with_options(convert=replace(run.recipe.convert, lengths=lengths))


def task(run: Run, checkpoint: Checkpoint) -> Stage:
    """Read the tables: `task/`."""
    from edgebert.tasks import fingerprint, prepare
    from edgebert.tasks.encoder import TextEncoder
    from edgebert.tasks.fit_lengths import LONGEST
    from edgebert.teachers.checkpoint import write_tokenizer

    lengths = None if run.recipe.convert.is_auto else run.recipe.convert.fixed_lengths
    longest = lengths[-1] if lengths else min(LONGEST, checkpoint.positions or LONGEST)

    def make(work: Path) -> None:
        write_tokenizer(checkpoint, work / "tokenizer.json")
        encoder = TextEncoder(work / "tokenizer.json", longest)
        prepare(run.source, run.recipe.data, work, labels=checkpoint.labels, encoder=encoder, lengths=lengths,
                kind=checkpoint.kind)  # fmt: skip

    settings = {
        "columns": {k: v for k, v in asdict(run.source).items() if k.endswith("_column")},
        "tables": fingerprint(run.source),
        "data": run.recipe.data,
        "lengths": run.recipe.convert.lengths,
        "labels": checkpoint.labels,
        "kind": checkpoint.kind,
        "tokenizer": checkpoint.digests("token*", "vocab*", "merges*", "special*", "*.model"),
    }
    return make_stage(run, "task", settings, {}, make, unread={"sanity.json"})


def teacher(run: Run, checkpoint: Checkpoint, task: Stage) -> Stage:
    """Fine-tune the checkpoint, or take it as it is: `teacher/`."""
    options, length = run.recipe.finetune, run.recipe.convert.max_length

    def make(work: Path) -> None:
        from edgebert.tasks.task import Task
        from edgebert.teachers.finetune import finetune as stage

        stage(checkpoint, Task.load(task.folder), options, length, work)

    settings = {
        "checkpoint": checkpoint.digests("config.json", "*.safetensors", "*.bin"),
        "finetune": None if checkpoint.is_classifier else options,
        "max_length": length,
    }
    return make_stage(run, "teacher", settings, {"task": task}, make)
