"""A name on the command line -> a table: a file by its ending, a folder, or a hub data set id. One file a format."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from edgebert.errors import UserError
from edgebert.tasks.readers.table import Table

ENDINGS = {
    ".csv": "delimited",
    ".tsv": "delimited",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
}
"""Ending -> the module of this folder whose `open_file` reads it."""


def open_table(ref: str, role: str, option: str) -> Table:
    """Open a table, look at its columns, read no rows.

    Args:
        ref: a file, or a data set as `dataset.open_dataset` takes it: a folder or a hub id.
        role: `train`, `dev` or `unlabelled`: which split of a data set is wanted.
        option: the option that named it, for messages.

    Raises:
        UserError: when there is no such table, or it is empty or unreadable.
    """
    path = Path(ref).expanduser()
    ending = path.suffix.lower()
    if path.is_file():
        if ending not in ENDINGS:
            raise UserError(
                f"{option} {ref}: edgebert does not know the ending '{ending}'.",
                f"Name it by what it is: {', '.join(ENDINGS)}.",
            )
        if path.stat().st_size == 0:
            raise UserError(f"{option} {ref}: the file is empty.", "Give a table with a header line and rows.")
        open_file: Callable[[Path], Table] = import_module(f"{__name__}.{ENDINGS[ending]}").open_file
        return open_file(path)
    # What looks like a path is not asked of the hub: it would only take long to say no.
    looks_like_file = ref.startswith((".", "/", "~")) or ref.count("/") > 1 or (ending and "/" not in ref)
    if "@" not in ref and not path.is_dir() and (ending in ENDINGS or looks_like_file):
        raise UserError(f"{option} {ref}: there is no such file.", f"Looked for {path.resolve()}.")
    from edgebert.tasks.readers import dataset

    return dataset.open_dataset(ref, role, option)
