"""The speed-ups that papers print, held against the same models here: `edgebert claims`, as a result file.

Run: python -m benchmarks.claims        (some minutes of exports, then some on a machine that does nothing else; 4 GB)
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks import results, script
from edgebert.claims import pages
from edgebert.claims.command import claims
from edgebert.claims.timing import busiest


def main(*, work: Path = results.WORK / "claims", results_in: Path = results.FOLDER) -> None:
    """Hold every claim, and write the table down.

    Args:
        work: see `edgebert claims --out`; a killed call goes on there.
        results_in: folder of the result file.
    """
    watch = results.Watch()
    found = pages.table(claims(work), [])
    results.write(
        "claims", "claims", results.command("claims", sys.argv[1:]), watch,
        {
            "columns": found.columns, "rows": found.rows, "notes": found.notes,
            "others_busy": busiest(work / "rounds"),
        },
        results_in,
    )  # fmt: skip


if __name__ == "__main__":
    script.run(main)
