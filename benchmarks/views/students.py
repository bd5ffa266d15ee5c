"""Results of `benchmarks.students` as tables: one row a student, and one row a file in a runtime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean

from benchmarks.views.result import Result
from edgebert.profile.measure import BUSY
from edgebert.report import words
from edgebert.report.tables import Table

SHIPPED = ("tflite", "int8")
"""The file that a student's size and time are told by."""
EXACT = ("fp32", "fp16")


def summary(result: Result) -> Table:
    """A row a student, means over the seeds."""
    groups = _groups(result)
    teachers = list({one["seed"]: one["teacher"] for one in result["students"]}.values())
    first = result["students"][0]
    rows = [["teacher", words.millions(teachers[0]["parameters"]), "", "", "", spread([t["dev"] for t in teachers]),
             *([""] * 5)]]  # fmt: skip
    for name, runs in groups.items():
        shipped = [_file(one["files"], *SHIPPED) for one in runs]
        rows.append([
            f"{name} ({runs[0]['init']}, {runs[0]['method']}){_fewer(runs, result)}",
            words.millions(runs[0]["parameters"]),
            words.millions(runs[0]["macs"]) if runs[0]["macs"] else "",
            spread([one["steps"] for one in runs], "{:.0f}"), spread([one["minutes"] for one in runs], "{:.1f}"),
            spread([one["dev"] for one in runs]), _kept([one["kept"] for one in runs]),
            spread([_score(file, first["metric"]) for file in shipped]), _kept([file["kept"] for file in shipped]),
            words.megabytes(shipped[0]["bytes"]), _alone(shipped),
        ])  # fmt: skip
    sizes, seeds = first["rows"], ", ".join(map(str, _seeds(result)))
    also = [_also(result, groups)] if result["also"] else []
    notes = [
        f"{first['metric']} in points on {sizes['dev']} dev rows of {result['task']} ({sizes['train']} train and "
        f"{sizes['unlabelled']} unlabelled rows), texts cut at {result['length']} tokens; seeds {seeds}: means with "
        "the smallest and the largest. kept: percent of the teacher's score, with the 95 % interval of a paired "
        "bootstrap over the dev rows where there is one seed. file: int8 TFLite in LiteRT, its size, and its median "
        f"milliseconds at {result['length']} tokens with 1 thread, where the machine had no other work. Minutes are "
        "longer where it had.",
        *also,
    ]
    columns = [
        "student", "parameters", "multiply-adds", "steps", "minutes", "PyTorch", "kept %", "file", "kept %", "MB", "ms"
    ]  # fmt: skip
    return Table(result["task"], columns, rows, notes)


def files(result: Result) -> Table:
    """A row a file, a column a runtime: its score, and how far it is from its student."""
    groups, metric = _groups(result), result["students"][0]["metric"]
    engines = list(dict.fromkeys(engine for one in result["students"] for engine in _engines(one)))
    rows = []
    for name, runs in groups.items():
        rows.append([f"{name}, PyTorch", "", spread([one["dev"] for one in runs]), *([""] * (len(engines) - 1))])
        made = dict.fromkeys((file["format"], file["scheme"]) for file in runs[0]["files"])
        for format, scheme in made:
            of = [found for one in runs if (found := _in(one["files"], format, scheme))]
            cells = [_cell([each[engine] for each in of if engine in each], metric) for engine in engines]
            rows.append([f"{name}, {format} {scheme}", words.megabytes(next(iter(of[0].values()))["bytes"]), *cells])
    worst = {True: 0.0, False: 0.0}
    for file in (file for one in result["students"] for file in one["files"]):
        if not file["reasons"] and file["drop"] is not None:
            exact = file["scheme"] in EXACT
            worst[exact] = max(worst[exact], file["drop"])
    every = {engine: {one["seed"] for one in result["students"] if engine in _engines(one)} for engine in engines}
    once = [engine for engine, seeds in every.items() if len(seeds) < len(_seeds(result))]
    notes = [
        f"{metric} on the dev rows, mean over the seeds; 'refused': wrong in that runtime, and not claimed for it. "
        f"Largest drop against the PyTorch student of a file that is not refused: fp32 and fp16 {worst[True]:.2f}, "
        f"int8 {worst[False]:.2f} points.",
        *([f"{' and '.join(once)}: seed {_seeds(result)[0]} alone."] if once else []),
    ]
    return Table(f"{result['task']}, files", ["file", "MB", *engines], rows, notes)


def _alone(files: Sequence[Result]) -> str:
    """Milliseconds of those that were timed while nothing else ran."""
    alone = [file["ms"] for file in files if file.get("others_busy") is not None and file["others_busy"] <= BUSY]
    return spread(alone) if alone else ""


def spread(values: Sequence[float], form: str = "{:.2f}") -> str:
    """`83.40 (83.10 to 83.70)`."""
    low, middle, high = (form.format(value) for value in (min(values), mean(values), max(values)))
    return middle if low == high else f"{middle} ({low} to {high})"


def _seeds(result: Result) -> list[int]:
    """Those that were done: a run that was stopped has fewer than it was asked for."""
    return list(dict.fromkeys(one["seed"] for one in result["students"]))


def _fewer(runs: Sequence[Result], result: Result) -> str:
    """Which seeds a student has, where it has not all."""
    own = [one["seed"] for one in runs]
    return "" if len(own) == len(_seeds(result)) else f", seed {', '.join(map(str, own))}"


def _engines(student: Result) -> list[str]:
    return list(dict.fromkeys(file["engine"] for file in student["files"]))


def _groups(result: Result) -> dict[str, list[Result]]:
    groups: dict[str, list[Result]] = {}
    for one in result["students"]:
        groups.setdefault(one["student"], []).append(one)
    return groups


def _also(result: Result, groups: Mapping[str, list[Result]]) -> str:
    metric, first = result["students"][0]["metric"], result["students"][0]["also"]
    said = [
        f"{name} {spread([one['also']['student'][metric] for one in runs])}, its int8 TFLite "
        f"{spread([_score(_file(one['also']['files'], *SHIPPED), metric) for one in runs])}, kept "
        f"{_kept([one['also']['kept'] for one in runs])}"
        for name, runs in groups.items()
    ]
    return f"On the {first['rows']} rows of {result['also']}: {'; '.join(said)}."


def _in(found: Sequence[Result], format: str, scheme: str) -> dict[str, Result]:
    """The records of one file by runtime."""
    return {file["engine"]: file for file in found if (file["format"], file["scheme"]) == (format, scheme)}


def _file(found: Sequence[Result], format: str, scheme: str) -> Result:
    return next(file for file in _in(found, format, scheme).values() if file["decides"])


def _score(file: Result, metric: str) -> float:
    return float(file["metrics"][metric])


def _cell(found: Sequence[Result], metric: str) -> str:
    if not found:
        return ""
    if any(file["reasons"] for file in found):
        return "refused"
    return spread([_score(file, metric) for file in found])


def _kept(found: Sequence[Result | None]) -> str:
    known = [one for one in found if one]
    if not known:
        return ""
    if len(known) == 1:
        return f"{known[0]['percent']:.1f} ({known[0]['low']:.1f} to {known[0]['high']:.1f})"
    return spread([one["percent"] for one in known], "{:.1f}")
