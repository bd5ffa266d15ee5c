"""Results as tables: the benchmark that wrote a result names the function that shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from benchmarks.views import elsewhere, operators, peers, prediction, reductions, students, task, timed, trained
from benchmarks.views.result import Result
from edgebert.report.tables import Table

RENDERERS: dict[str, Callable[[Result], Table]] = {
    "students": students.summary,
    "students_files": students.files,
    "task": task.task,
    "starts": trained.starts,
    "ablation": trained.ablation,
    "ablation_bilstm": trained.ablation_bilstm,
    "fast": trained.fast,
    "reductions": reductions.table,
    "latency": timed.latency,
    "conversion": timed.conversion,
    "memory": timed.memory,
    "startup": timed.startup,
    "prediction": prediction.table,
    "prediction_files": prediction.files,
    "claims": elsewhere.claims,
    "published": elsewhere.published,
    "arm": elsewhere.arm,
    "operators": operators.table,
    **peers.VIEWS,
}
"""By the name of the benchmark, and of a view of its result where there is more than one."""


def render(result: Result, view: str = "") -> Table:
    """The table of a result, or another ``view`` of it; the conditions of its numbers are below it."""
    table = RENDERERS["_".join(filter(None, (result["benchmark"], view)))](result)
    return replace(table, notes=[*table.notes, conditions(result)])


def conditions(result: Result) -> str:
    """Where, when and with what a result was made, and the command."""
    found = result["conditions"]
    machine, load = found["machine"], found["load_average"]
    shown = [f"{name} {found['versions'][name]}" for name in ("python", "torch") if name in found["versions"]]
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}; {', '.join(shown)}; {found['date']}, "
        f"revision {found['revision'] or 'unknown'}, load average {load['start']:.1f} before and {load['end']:.1f} "
        f"after. Made by `{result['command']}`."
    )
