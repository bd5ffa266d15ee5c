"""The reports that are compared, under names that tell them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from edgebert.errors import UserError
from edgebert.report.report import FILE, Report


def load(paths: Sequence[Path]) -> dict[str, Report]:
    """Reports under names that tell them apart: the folder's, with as much of its path as that takes.

    Raises:
        UserError: if there is none, the same one twice, or one that is no report or was not verified.
    """
    if not paths:
        raise UserError("compare takes one report or more.", "For example: edgebert compare run-a/ run-b/")
    files = [(path / FILE if path.is_dir() else path).resolve() for path in paths]
    if twice := [str(path) for path, count in Counter(files).items() if count > 1]:
        raise UserError(f"{twice[0]} was named twice.")
    reports = {name: Report.load(file) for name, file in zip(_names(files), files, strict=True)}
    for name, report in reports.items():
        if report.scores is None or report.task is None:
            raise UserError(
                f"The files of {name} have not been verified.", "Run: edgebert verify, then edgebert report"
            )
    return reports


def _names(files: Sequence[Path]) -> list[str]:
    """A name for each report: its folder's, or its own where it is not called `report.json`."""
    whole = [file.parent if file.name == FILE else file.with_suffix("") for file in files]
    for parts in range(1, max(len(path.parts) for path in whole) + 1):
        names = ["/".join(path.parts[-parts:]) for path in whole]
        if len(set(names)) == len(names):
            return names
    return [str(file) for file in files]
