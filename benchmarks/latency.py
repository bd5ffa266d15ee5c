"""A student's files beside its teacher's own and BERT-base's: same engine, same threads, same length, in one run.

Latency does not depend on the values of weights, so nothing is trained.
Run: python -m benchmarks.latency        (some minutes a repeat)

Beside what other tools make of the same weights: `benchmarks.peers`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import results, script
from edgebert.profile.latency import Latency
from edgebert.recipes.options import ConvertOptions, ProfileOptions
from edgebert.tasks.task import Task


def main(
    *,
    student: str = "tinybert-4",
    length: int = 128,
    repeats: int = 3,
    timed_calls: int = 60,
    results_in: Path = results.FOLDER,
) -> None:
    """Time all files, several times over, and compare round by round.

    Args:
        student: its shape; the teacher has the built-in encoder's.
        length: tokens of a text, padding included.
        repeats: how often everything is timed, three rounds each.
        timed_calls: timed calls of each file at each setting in a repeat, at least.
        results_in: folder of the result file.
    """
    watch = results.Watch()
    with tempfile.TemporaryDirectory(prefix="edgebert-") as name:
        work = Path(name)
        models, task = _make(student, length, work)
        settings = timed(models, task, length, timed_calls, repeats, work / "timed")
    results.write(
        "latency", "latency", results.command("latency", sys.argv[1:]), watch,
        {
            "student": student, "length": length, "repeats": repeats, "settings": settings,
            "ratios": ratios(settings), "others_busy": max(s["others_busy"] or 0.0 for s in settings),
        },
        results_in,
    )  # fmt: skip


def ratios(settings: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many times faster each of the student's files is than each file of the others in the same setting.

    A ratio is taken in each round, whose measurements lie close together in time; median, smallest and largest are
    those of the rounds.
    """
    found = []
    for own in (one for one in settings if one["model"] == "student"):
        for base in settings:
            if base["model"] != "student" and all(own[key] == base[key] for key in ("format", "at", "threads")):
                rounds = [b / o for b, o in zip(base["round_p50_ms"], own["round_p50_ms"], strict=True)]
                found.append({
                    "format": own["format"], "at": own["at"], "threads": own["threads"], "scheme": own["scheme"],
                    "against": base["model"], "against_scheme": base["scheme"],
                    "median": round(median(rounds), 2), "min": round(min(rounds), 2), "max": round(max(rounds), 2),
                })  # fmt: skip
    return found


def _make(student: str, length: int, work: Path) -> tuple[dict[str, Sequence[Path]], Any]:
    """The files of student, teacher and BERT-base, and rows to time them on."""
    from benchmarks import shapes
    from edgebert.baselines import write_baselines

    shapes.write_teacher(work / "teacher")
    shapes.write_student(student, work / "teacher", work / "student")
    files = shapes.write_all_files(work / "student", student, ConvertOptions(lengths=(length,)), work / "files")
    baselines = write_baselines(
        work / "teacher", ConvertOptions(lengths=(length,)), work / "baselines", with_teacher=True
    )
    return {"student": files, **baselines}, shapes.write_dev_rows(work / "task")


def timed(
    models: Mapping[str, Sequence[Path]], task: Task, length: int, timed_calls: int, repeats: int, work: Path
) -> list[dict[str, Any]]:
    """Every setting of the files in each model's folders, timed ``repeats`` times over; arguments as of `main`."""
    from edgebert.profile import profile

    options, tokenizer = ProfileOptions(timed_calls=timed_calls), task.folder / "tokenizer.json"
    runs = [
        profile(models, task, tokenizer, (length,), options, work / str(number)).latencies for number in range(repeats)
    ]
    return [_together(repeated) for repeated in zip(*runs, strict=True)]


def _together(repeated: Sequence[Latency]) -> dict[str, Any]:
    """One setting over all repeats."""
    first = repeated[0]
    rounds = [p50 for one in repeated for p50 in one.round_p50_ms]
    memory = [one.peak_memory_mb for one in repeated if one.peak_memory_mb is not None]
    busy = [one.conditions.others_busy for one in repeated if one.conditions.others_busy is not None]
    return {
        "model": first.model, "format": first.format, "scheme": first.scheme, "at": first.at,
        "threads": first.conditions.threads, "length": first.conditions.length, "bytes": first.bytes,
        "engine": f"{first.conditions.engine} {first.conditions.engine_version}",
        "calls": sum(one.conditions.runs for one in repeated),
        "p50_ms": round(median(rounds), 3), "p90_ms": round(median(one.p90_ms for one in repeated), 3),
        "round_p50_ms": [round(p50, 3) for p50 in rounds],
        "open_ms": round(median(one.open_ms for one in repeated), 2),
        "first_call_ms": round(median(one.first_call_ms for one in repeated), 2),
        "peak_memory_mb": round(max(memory), 1) if memory else None,
        "others_busy": round(max(busy), 3) if busy else None,
    }  # fmt: skip


if __name__ == "__main__":
    script.run(main)
