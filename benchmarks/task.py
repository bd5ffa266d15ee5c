"""The whole chain on one task: what teacher, student and each file score on its dev rows.

Run: python -m benchmarks.task                                                    (the built-in task)
     python -m benchmarks.task --data SST-2 --teacher gte-small --name sst-2      (a folder with train.tsv and dev.tsv)

Any other option is one of `edgebert export`.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from benchmarks import results, script
from edgebert import cli
from edgebert.report import Report
from edgebert.tasks.builtin import NAME
from edgebert.verify.scores import FileScore


def main(
    *options: Annotated[str, Parameter(allow_leading_hyphen=True)],
    data: Path | None = None,
    teacher: str | None = None,
    name: str | None = None,
    out: Path | None = None,
    results_in: Path = results.FOLDER,
) -> None:
    """Run `edgebert export`, or go on with it where it was killed, and write down what its report says.

    Args:
        options: of `edgebert export`, handed on as they are.
        data: folder with train.tsv and dev.tsv; without it, the built-in task.
        teacher: checkpoint to start from; without it, the built-in encoder.
        name: of the result file; the folder's name by default.
        out: run folder; below `build/benchmarks` by default.
        results_in: folder of the result file.
    """
    watch = results.Watch()
    name = name or (data.resolve().name.lower() if data else NAME)
    out = out or results.WORK / "task" / name
    tables = ["--train", str(data / "train.tsv"), "--dev", str(data / "dev.tsv")] if data else []
    start = ["--teacher", teacher] if teacher else []
    _export(["export", *tables, *start, "--out", str(out), *options], out)
    values = found(Report.load(out))
    results.write(name, "task", results.command("task", sys.argv[1:]), watch, values, results_in)


def found(report: Report) -> dict[str, Any]:
    """The scores in a report, and the options they hold for."""
    assert report.task and report.teacher and report.student and report.scores
    return {
        "task": report.task.name,
        "rows": report.task.sizes,
        "metric": report.scores.metric,
        "options": {
            stage: {name: results.last_part(value) if isinstance(value, str) else value for name, value in of.items()}
            for stage, of in report.recipe.items()
        },
        "minutes": {stage.name: round(stage.seconds / 60, 2) for stage in report.stages},
        "teacher": {"source": results.last_part(report.teacher.source), **_model(report, "teacher")},
        "student": {"name": report.student_name, **_model(report, "student"), "retention": report.retention},
        "files": [_file(score) for score in (*report.scores.files, *report.scores.drivers)],
    }


def _export(arguments: list[str], out: Path) -> None:
    """`edgebert export`. Files that failed their gate belong to the result; any other failure ends this process."""
    began = time.time()
    try:
        cli.main(arguments)
    except SystemExit as end:
        report = out / "report.json"
        finished = report.is_file() and report.stat().st_mtime >= began
        if end.code not in (None, 0) and not (end.code == 1 and finished):
            raise


def _model(report: Report, which: str) -> dict[str, Any]:
    scores = report.teacher if which == "teacher" else report.student
    assert scores
    return {
        "architecture": scores.architecture, "parameters": scores.parameters, "dev": scores.dev,
        "fine_tuned": scores.fine_tuned, "init": scores.init, "untrained_select": scores.untrained_select,
        "seed": scores.seed, "steps": scores.steps,
        "minutes": None if scores.seconds is None else round(scores.seconds / 60, 2),
    }  # fmt: skip


def _file(score: FileScore) -> dict[str, Any]:
    return {
        "files": score.files, "format": score.format, "scheme": score.scheme, "length": score.length,
        "driver": score.driver, "engine": f"{score.engine} {score.engine_version}", "bytes": score.bytes,
        "cut_rows": score.cut_rows, "metrics": score.metrics, "drop": score.drop, "agreement": score.agreement,
        "max_change": score.max_change, "reasons": score.reasons,
    }  # fmt: skip


if __name__ == "__main__":
    script.run(main)
