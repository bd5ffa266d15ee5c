"""One run on a task: teacher, student, and each file in every runtime on the dev rows."""

from __future__ import annotations

from benchmarks.views.result import Result
from edgebert.report import words
from edgebert.report.tables import Table


def task(result: Result) -> Table:
    """Teacher, student, and each file in every runtime on the dev rows."""
    teacher, student, metric = result["teacher"], result["student"], result["metric"]
    engines = list(dict.fromkeys(file["engine"] for file in result["files"]))
    rows = [[f"teacher, PyTorch fp32 ({teacher['source']}, {words.millions(teacher['parameters'])})", "",
             words.optional(words.points, teacher["dev"]), *([""] * len(engines))]]  # fmt: skip
    if student["name"] != "none":
        rows.append([
            f"{student['name']}, PyTorch fp32 ({words.millions(student['parameters'])})", "",
            words.optional(words.points, student["dev"]), *([""] * len(engines)),
        ])  # fmt: skip
    for name in dict.fromkeys(map(_file, result["files"])):
        of = {file["engine"]: file for file in result["files"] if _file(file) == name}
        first = next(iter(of.values()))
        cells = [_scored(of.get(engine), metric) for engine in engines]
        rows.append([name, words.megabytes(first["bytes"]), *cells, words.optional(words.percent, first["agreement"])])
    minutes = {name: result["minutes"].get(name, 0.0) for name in ("teacher", "student")}
    trained = f"teacher {minutes['teacher']:.1f} minutes, seed {teacher['seed']}; " if teacher["fine_tuned"] else ""
    kept = f"; {result['student']['retention']:.1f} % of the teacher's score kept" if student["retention"] else ""
    notes = [
        f"{metric} in points on {result['rows']['dev']} dev rows of {result['task']}, of models in the first column of "
        "numbers, of each file in its runtimes; refused: wrong in that runtime. agree: rows with the label of the "
        f"PyTorch student, its texts cut at the same length{kept}.",
        f"One run: {trained}student {minutes['student']:.1f} minutes, seed {student['seed']}, all stages "
        f"{sum(result['minutes'].values()):.1f} minutes.",
    ]
    return Table(result["task"], ["", "MB", *engines, "agree %"], rows, notes)


def _file(file: Result) -> str:
    driver = {"by-length": "by length", "by-signature": "by signature"}
    whole = len(file["files"]) > 1 or (file["length"] is None and file["driver"] in driver)
    length = driver[file["driver"]] if whole else f"{file['length']} tokens" if file["length"] else "any length"
    return f"{file['format']} {file['scheme']}, {length}"


def _scored(file: Result | None, metric: str) -> str:
    if file is None:
        return ""
    return "refused" if file["reasons"] else words.optional(words.points, (file["metrics"] or {}).get(metric))
