"""Files that failed, kept where nobody ships them by mistake."""

from __future__ import annotations

import shutil
from pathlib import Path

from edgebert.files import atomic
from edgebert.report.report import Report

FOLDER = "rejected"


def set_aside(run_folder: Path, report: Report) -> None:
    """Copy the rejected files of a run into its folder `rejected`, which is not there when all passed."""
    folder = run_folder / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    for name in sorted(report.failing):
        source = next(path for stage in ("converted", "quantized") if (path := run_folder / stage / name).is_file())
        with atomic(folder / name) as temporary:
            shutil.copyfile(source, temporary)
