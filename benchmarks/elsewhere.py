"""Files of a finished run on another table."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from edgebert.convert import write_references
from edgebert.models.evaluate import Evaluation
from edgebert.models.load import load
from edgebert.recipes.options import Source
from edgebert.run import open_run
from edgebert.tasks import prepare
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.task import Task
from edgebert.verify import verify
from edgebert.verify.scores import Scores


def elsewhere(run_folder: Path, table: Path, runtimes: tuple[str, ...]) -> Scores:
    """Score a run's files, and its student, on every row of ``table``, which has the columns of the run's own.

    Args:
        run_folder: of a finished run.
        table: with labels.
        runtimes: that the files are run in.
    """
    run = open_run(run_folder)
    task, lengths = Task.load(run / "task"), run.recipe.convert.fixed_lengths
    with tempfile.TemporaryDirectory(prefix="edgebert-") as name:
        scratch = Path(name)
        (scratch / "task").mkdir()
        (scratch / "task" / "tokenizer.json").write_bytes((run / "task" / "tokenizer.json").read_bytes())
        encoder = TextEncoder(scratch / "task" / "tokenizer.json", lengths[-1])
        other = prepare(
            Source(dev=str(table)), run.recipe.data, scratch / "task", labels=task.labels, encoder=encoder,
            lengths=lengths, kind=task.kind,
        )  # fmt: skip
        write_references(
            load(run / "student"), other, run / "student" / "tokenizer.json", lengths, scratch / "references"
        )
        (scratch / "teacher").mkdir()
        evaluation = Evaluation(other, lengths[-1], scratch / "scratch")
        evaluation.dev(load(run / "teacher"), scratch / "teacher" / "logits-dev.npy")
        return verify(
            other, run / "student", [run / "converted", run / "quantized"], scratch / "references", lengths,
            replace(run.recipe.verify, runtimes=runtimes), scratch / "verified", scratch / "teacher",
        )  # fmt: skip
