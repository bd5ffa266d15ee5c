"""The report on a terminal: a table after each stage, and all in one at the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.text import Text

from edgebert import console
from edgebert.report import overview, predictions, proposal, speed, tables
from edgebert.report.build import build
from edgebert.report.report import Report
from edgebert.report.tables import Table

SUFFIXES = (".onnx", ".tflite")
NAME_SHOWN = 21
WIDE = 100
STAGE_TABLES: dict[str, tuple[Callable[[Report], Table], ...]] = {
    "task": (),  # the sanity report has been printed
    "teacher": (tables.models,),
    "proposed": (proposal.table,),
    "mlm": (),  # it has said its loss
    "augmented": (),  # it has said its rows
    "transfer": (),
    "general": (),
    "student": (tables.models,),
    "converted": (tables.converted,),
    "quantized": (tables.quantized,),
    "verified": (tables.proof,),
    "profiled": (speed.latency, lambda report: speed.speedup(report, threads=1)),
    "predicted": (predictions.table,),
}


def stage_table(run_folder: Path, stage: str) -> None:
    """Print what a stage changed: size, parameters, score or time, before and after.

    Args:
        run_folder: of the run, the stage's folder finished.
        stage: name of the stage's folder.
    """
    report = build(run_folder, until=stage)
    for table in STAGE_TABLES[stage]:
        show(table(report))
    if stage == "verified":
        rejections(report)


def summary(report: Report) -> None:
    """Print what the run comes to: rejected files with the reasons, then models and files in one table."""
    rejections(report)
    show(overview.overview(report))


def rejections(report: Report) -> None:
    """Warn of each file that failed a gate."""
    for score in report.rejected:
        console.warn(f"{tables.name(score.files, score.format, score.scheme)} is rejected: {' '.join(score.reasons)}")


def show(table: Table) -> None:
    """Print a table with the conditions of its numbers; an empty one is left out."""
    if not table.rows:
        return
    rows = table.rows if console.console.width >= WIDE else _narrow(table.rows)
    console.table(table.title, table.columns, rows)
    for note in table.notes:
        console.console.print(Text(note, style="dim"))
    console.say("")


def _narrow(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """Long file names without the beginning that all of them share."""
    files = [row[0] for row in rows if row[0].endswith(SUFFIXES)]
    shared = os.path.commonprefix(files)  # noqa: RUF071 (names that share a beginning, not folders)
    shared = shared[: shared.rfind("-") + 1]
    if max(map(len, files), default=0) <= NAME_SHOWN or len(files) < 2 or not shared:
        return rows
    return [[f"…{row[0].removeprefix(shared)}" if row[0] in files else row[0], *row[1:]] for row in rows]
