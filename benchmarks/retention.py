"""What `--student auto` knows of students, `retention.json`: of the results of `benchmarks.students`."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from statistics import mean

from benchmarks.views.result import Result
from edgebert import recipes
from edgebert.files import read_json
from edgebert.propose.retention import OnTask, Retention

Measured = tuple[float, int]
"""Percent of the teacher's score that the int8 TFLite file keeps, and steps of the training."""


def written(folder: Path) -> str:
    """The file's text: students with start and method of the recipe of their name, over the tasks that all had.

    A student that had fewer than half of the tasks is left out: too little is known of it.
    """
    found: dict[str, dict[str, list[Measured]]] = defaultdict(lambda: defaultdict(list))
    tasks: set[str] = set()
    for path in sorted(folder.glob("students-*.json")):
        result = read_json(path)
        tasks.add(result["task"])
        for student, measured in _measured(result):
            found[student][result["task"]].append(measured)
    often = {student: on for student, on in found.items() if 2 * len(on) >= len(tasks)}
    shared = sorted(tasks.intersection(*often.values()))
    every = [_retention(student, [(task, often[student][task]) for task in shared]) for student in sorted(often)]
    return json.dumps([asdict(one) for one in every], indent=1) + "\n"


def _measured(result: Result) -> Iterator[tuple[str, Measured]]:
    """Of every training that starts and learns as its recipe says and left a file."""
    for one in result["students"]:
        named = recipes.load(one["student"]).distill
        if (named.init, named.method) == (one["init"], one["method"]):
            kept = next(
                file["kept"] for file in one["files"]
                if file["decides"] and (file["format"], file["scheme"]) == ("tflite", "int8")
            )  # fmt: skip
            if kept:
                yield one["student"], (kept["percent"], one["steps"])


def _retention(student: str, on: list[tuple[str, list[Measured]]]) -> Retention:
    tasks = tuple(
        OnTask(
            task=task, percent=round(mean(percent for percent, _ in seeds), 2),
            steps=round(mean(steps for _, steps in seeds)), seeds=len(seeds),
        )
        for task, seeds in on
    )  # fmt: skip
    return Retention(recipe=student, percent=round(mean(one.percent for one in tasks), 2), tasks=tasks)
