"""The folder of one run: what the user brought, the recipe in force, and a folder for each stage."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from edgebert.errors import UserError
from edgebert.files import read_json, write_json
from edgebert.recipes import Recipe
from edgebert.recipes.options import Source

OUT = Path("artefacts")
"""The run folder where none is named."""
FILE, LOCK = "run.json", ".lock"
PHONES = "phones"
"""Folder of a folder for each phone that files were timed on."""
FIRST_RESULT = "task"
"""Folder of the first stage: a run without it holds nothing that could be lost."""
FILES_OF_SOURCE = ("teacher", "train", "dev", "unlabelled")


@dataclass(frozen=True)
class Run:
    """A run folder."""

    folder: Path
    source: Source
    recipe: Recipe

    def __truediv__(self, name: str) -> Path:
        """Path of a stage's folder or of a file in the run folder."""
        return self.folder / name

    def with_options(self, **stages: Any) -> Run:
        """The same run with other options for some stages."""
        return replace(self, recipe=replace(self.recipe, **stages))

    def save(self) -> None:
        """Write `run.json`."""
        write_json(self.folder / FILE, {"source": asdict(self.source), "recipe": self.recipe.to_tables()})

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Write the options down and keep a second edgebert out; the lock goes with the process, however it ends.

        Raises:
            UserError: if another process works in the folder, or it cannot be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"{self.folder} cannot be made: {error.strerror}.", "Choose another folder with --out."
            ) from error
        with (self.folder / LOCK).open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UserError(
                    f"Another edgebert is working in {self.folder}.", "Wait for it, or choose another --out."
                ) from error
            self.save()
            yield


def create(folder: Path, source: Source, recipe: Recipe) -> Run:
    """A run in ``folder``, or the run of the same source there with other options; nothing is written yet.

    Raises:
        UserError: if the folder holds another run, or something that is no run.
    """
    source = _absolute(source)
    if (folder / FIRST_RESULT).exists() and (folder / FILE).is_file():
        _check_same(open_run(folder).source, source, folder)
    elif folder.exists() and not (folder / FILE).is_file() and not _is_empty(folder):
        raise UserError(
            f"{folder} exists and is not a run of edgebert; nothing in it was touched.",
            "Choose another folder with --out.",
        )
    return Run(folder, source, recipe)


def open_run(folder: Path) -> Run:
    """The run in ``folder``.

    Raises:
        UserError: if there is none.
    """
    path = folder / FILE
    if not path.is_file():
        raise UserError(
            f"{folder} is not a run folder: it has no {FILE}.", "Start one with: edgebert finetune, or export."
        )
    try:
        values = read_json(path)
        return Run(folder, Source(**values["source"]), Recipe.from_tables(values["recipe"], where=str(path)))
    except (ValueError, TypeError, KeyError) as error:
        raise UserError(f"{path} cannot be read: {error}", f"Delete {path} to start the run anew.") from error


def _is_empty(folder: Path) -> bool:
    """Whether nothing is there but what a run leaves that was killed in its first moment."""
    return folder.is_dir() and all(path.name == LOCK or path.name.startswith(f".{FILE}") for path in folder.iterdir())


def _absolute(source: Source) -> Source:
    """Local paths made absolute, so that the run is the same one from any working folder."""
    found = {name: getattr(source, name) for name in FILES_OF_SOURCE}
    return replace(source, **{k: str(Path(v).resolve()) for k, v in found.items() if v and Path(v).exists()})


def _check_same(old: Source, new: Source, folder: Path) -> None:
    for field in fields(Source):
        was, now = getattr(old, field.name), getattr(new, field.name)
        if was != now:
            option = "--" + field.name.replace("_", "-")
            raise UserError(
                f"{folder} holds the run of another source: {option} was {was or 'not given'} there, "
                f"and is {now or 'not given'} now.",
                "Choose another folder with --out.",
            )
