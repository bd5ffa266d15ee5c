"""How `--student auto` chose: every student with what it kept elsewhere, and what is predicted of it here."""

from __future__ import annotations

from edgebert.propose.proposal import Candidate, said
from edgebert.recipes.options import BudgetOptions
from edgebert.report import words
from edgebert.report.report import Report
from edgebert.report.tables import Table


def table(report: Report) -> Table:
    """Every student against the run's budget; without rows where the student was not chosen so."""
    found = report.proposal
    if found is None:
        return Table("Students", (), ())
    budget = BudgetOptions(**report.recipe["budget"])
    choice = found.choice(budget)
    rows = [
        [
            one.student, f"{one.retention.percent:.1f}", words.optional(words.ms, one.ms),
            "" if one.low_ms is None or one.high_ms is None else f"{words.ms(one.low_ms)} to {words.ms(one.high_ms)}",
            words.optional(words.megabytes, one.bytes),
            one.refused or ("chosen" if one is choice else "fits" if one.over(budget) <= 1 else "too slow or large"),
        ]
        for one in sorted(found.candidates, key=lambda one: -one.retention.percent)
    ]  # fmt: skip
    notes = [
        f"--student auto takes the student that keeps most, of those predicted to fit {said(budget)}: int8 "
        f"{words.FORMATS[found.format]} of untrained weights, {found.length} tokens, {words.threads(found.threads)}; "
        f"between: nine in ten measurements are expected there. It rests on: {found.rests_on}.",
        "kept: percent of the teacher's score that the int8 TFLite file kept in edgebert's own benchmarks, the mean "
        f"over tasks; on yours it is another number. {' '.join(map(_measured, found.candidates))}".strip(),
    ]
    columns = ["student", "kept elsewhere, %", "predicted ms", "between", "MB", "budget"]
    return Table(f"Students for {found.device}", columns, rows, notes)


def _measured(of: Candidate) -> str:
    tasks = [f"{one.task} {one.percent:.1f} ({one.steps} steps, seeds: {one.seeds})" for one in of.retention.tasks]
    return f"{of.student}: {', '.join(tasks)}." if tasks else f"{of.student}: 100 by definition."
