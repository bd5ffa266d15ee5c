"""All that edgebert says while it works: a bar with time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

Item = TypeVar("Item")

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)
"""Warnings and errors go to stderr, all else to stdout."""

PLAIN_SECONDS = 15.0
"""Without a terminal, one line of progress at most every so many seconds."""


def hush_libraries() -> None:
    """Keep what libraries say about themselves off the terminal; call it before any of them is imported."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    for name in ("torchao", "torch.utils._pytree", "accelerate.utils.other"):
        logging.getLogger(name).setLevel(logging.ERROR)


def say(message: str) -> None:
    """Print one line of plain text."""
    console.print(message, markup=False, soft_wrap=True)


def warn(message: str) -> None:
    """Print one line that deserves a second look."""
    errors.print(f"warning: {message}", style="yellow", markup=False, soft_wrap=True)


def heading(message: str) -> None:
    """Print the line that a stage starts with."""
    console.print(message, style="bold", markup=False)


def fail(what: str, fix: str) -> None:
    """Print an error and what to do about it."""
    errors.print(f"error: {what}", style="bold red", markup=False, soft_wrap=True)
    if fix:
        errors.print(fix, markup=False, soft_wrap=True)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; the first column is text, the others are numbers and stand to the right."""
    grid = Table(title=Text(title), title_justify="left", title_style="bold", show_edge=False, pad_edge=False)
    for index, column in enumerate(columns):
        grid.add_column(Text(column), justify="left" if index == 0 else "right", overflow="fold")
    for row in rows:
        grid.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    console.print(grid)


_shown: list[Progress] = []
"""The bar on the terminal now, if any: there is room for one, and the outermost has it."""


class Bar:
    """How far a long piece of work is. `advance` moves it, `note` changes the words behind it."""

    def __init__(self, label: str, total: int, done: int, progress: Progress | None) -> None:
        self.label, self.total, self.done, self.words = label, total, done, ""
        self._silent = bool(_shown) and progress is None
        self._progress = progress
        self._task = progress.add_task(label, total=total, completed=done, note="") if progress else None
        self._started = self._printed = time.monotonic()
        self._first = done

    def note(self, words: str) -> None:
        """Show ``words`` (a loss, a score) behind the bar."""
        self.words = words
        if self._progress and self._task is not None:
            self._progress.update(self._task, note=words)

    def advance(self, steps: int = 1) -> None:
        """Move on by ``steps``."""
        self.done += steps
        if self._progress and self._task is not None:
            self._progress.update(self._task, completed=self.done)
        elif not self._silent and time.monotonic() - self._printed >= PLAIN_SECONDS:
            self._printed = time.monotonic()
            pace = (self._printed - self._started) / max(self.done - self._first, 1)
            left = pace * (self.total - self.done)
            say(f"  {self.label}: {self.done}/{self.total}, about {left:.0f} s left {self.words}".rstrip())


@contextmanager
def bar(label: str, total: int, done: int = 0) -> Iterator[Bar]:
    """Show progress over ``total`` steps, ``done`` of which were made by an earlier, killed run."""
    if not console.is_terminal or _shown:
        yield Bar(label, total, done, None)
        return
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        _shown.append(progress)
        try:
            yield Bar(label, total, done, progress)
        finally:
            _shown.remove(progress)


def track(items: Sequence[Item], label: str) -> Iterator[Item]:
    """Iterate over ``items`` with a bar."""
    with bar(label, len(items)) as shown:
        for item in items:
            yield item
            shown.advance()
