"""Does a file fit what an app can afford? By size, and by its time on the machine that timed it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edgebert.profile.prediction import Prediction
from edgebert.recipes.options import BudgetOptions
from edgebert.report import words
from edgebert.report.entry import Entry, entries, percentile, prediction_of
from edgebert.report.report import Report
from edgebert.report.tables import Table


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A file or set against a budget.

    Attributes:
        entry: the file or set.
        ms: its time at the budget's percentile; None if it was not timed so.
        lacks: why it does not fit, in words; empty if it does.
    """

    entry: Entry
    ms: float | None
    lacks: tuple[str, ...]


def options_of(report: Report) -> BudgetOptions:
    """The budget that the run has been told."""
    return BudgetOptions(**report.recipe.get("budget", {}))


def judge(
    found: Iterable[Entry], budget: BudgetOptions, *, timed: bool = True, predictions: Sequence[Prediction] = ()
) -> list[Fit]:
    """Hold files against a budget.

    Args:
        found: the files and sets.
        budget: what an app can afford.
        timed: whether the time is judged too; not so before anything was timed.
        predictions: for a device; where there are any, they are judged in place of the times of this machine.
    """
    fits = []
    for entry in found:
        ms = percentile(entry.latency, budget.budget_percentile) if entry.latency else None
        if predictions:
            there = prediction_of(predictions, entry, budget)
            ms = there.ms if there else None
        missing = lacks(entry, budget, timed=timed)
        if budget.budget_ms is not None and timed and not _is_short(entry, budget):
            if ms is None:
                missing.append("not timed so")
            elif ms > budget.budget_ms:
                missing.append(f"{words.ms(ms)} ms")
        fits.append(Fit(entry=entry, ms=ms, lacks=tuple(missing)))
    return fits


def lacks(entry: Entry, budget: BudgetOptions, *, timed: bool = True) -> list[str]:
    """Why a file fits no device, however fast: it does not ship, is too large, or takes too few tokens."""
    found = [] if entry.passed else ["does not ship"]
    if budget.budget_mb is not None and entry.bytes > budget.budget_mb * 1e6:
        found.append(f"{words.megabytes(entry.bytes)} MB")
    if budget.budget_ms is not None and timed and _is_short(entry, budget):
        found.append(f"{entry.length} tokens at most")
    return found


def _is_short(entry: Entry, budget: BudgetOptions) -> bool:
    return entry.length is not None and entry.length < (budget.budget_length or 0)


def of_run(report: Report) -> list[Fit]:
    """The files of one run against its own budget; nothing where it has none."""
    budget = options_of(report)
    if not budget.given:
        return []
    timed = bool(report.latencies or report.predictions)
    return judge(entries(report, budget), budget, timed=timed, predictions=report.predictions)


def missed(report: Report) -> str | None:
    """Why a run misses its budget, in words; None if a file fits, or there is no budget."""
    fits = of_run(report)
    if not fits or any(not fit.lacks for fit in fits):
        return None
    return f"No file fits the budget: {of_report(report)}."


def of_report(report: Report) -> str:
    """The budget of a run with its conditions in words: a machine's time, or the prediction for a device."""
    budget = options_of(report)
    if not report.predictions or budget.budget_ms is None:
        return said(budget)
    first = report.predictions[0]
    size = [] if budget.budget_mb is None else [f"{budget.budget_mb:g} MB"]
    at = "full length" if budget.budget_length is None else f"{budget.budget_length} tokens"
    time = f"{budget.budget_ms:g} ms predicted for {first.device}, {words.threads(first.threads)}, at {at}"
    return "; ".join([*size, time])


def table(report: Report) -> Table:
    """Each file and set of a run against its budget."""
    fits, budget = of_run(report), options_of(report)
    rows = [
        [
            fit.entry.name,
            words.megabytes(fit.entry.bytes),
            words.optional(words.ms, fit.ms),
            _tokens(fit.entry, report),
            "fits" if not fit.lacks else "; ".join(fit.lacks),
        ]
        for fit in fits
    ]
    notes = [f"Budget: {of_report(report)}. What a file lacks stands in the last column."]
    latencies = [fit.entry.latency for fit in fits if fit.entry.latency]
    if report.predictions:
        notes.append("Predicted, not measured: the middle of the interval, see the table of predictions.")
    elif latencies:
        notes.append(f"{words.conditions(latencies)} A phone takes another time.")
    elif budget.budget_ms is not None:
        notes.append("No file was timed yet: edgebert profile.")
    time = "predicted ms" if report.predictions else f"p{budget.budget_percentile} ms"
    return Table("Budget", ["file", "MB", time, "tokens", "budget"], rows, notes)


def said(budget: BudgetOptions, where: str = "on the machine that timed it") -> str:
    """A budget with its conditions in words."""
    parts = [] if budget.budget_mb is None else [f"{budget.budget_mb:g} MB"]
    if budget.budget_ms is not None:
        at = "on the dev rows' own lengths" if budget.budget_length is None else f"at {budget.budget_length} tokens"
        parts.append(
            f"{budget.budget_ms:g} ms at the {budget.budget_percentile}th percentile, "
            f"{words.threads(budget.budget_threads)}, {at}, {where}"
        )
    return "; ".join(parts)


def _tokens(entry: Entry, report: Report) -> str:
    if report.predictions:
        found = prediction_of(report.predictions, entry, options_of(report))
        return str(found.length) if found else ""
    if entry.latency is None:
        return ""
    return "own" if entry.latency.conditions.length is None else str(entry.latency.conditions.length)
