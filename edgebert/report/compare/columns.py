"""The times of a report's files by device: of the machine that profiled them, of phones, and predicted ones."""

from __future__ import annotations

from collections.abc import Iterator

from edgebert.profile.phone import PhoneLatencies, PhoneLatency
from edgebert.recipes.options import BudgetOptions
from edgebert.report import words
from edgebert.report.compare.comparison import Column, Time
from edgebert.report.entry import Entry, at_length, percentile, prediction_of
from edgebert.report.report import Report


def times(report: Report, entry: Entry, budget: BudgetOptions) -> dict[Column, Time]:
    """Every time that is known of a file or set under the conditions of a budget, and whether it is within it."""
    return dict(_times(report, entry, budget))


def _times(report: Report, entry: Entry, budget: BudgetOptions) -> Iterator[tuple[Column, Time]]:
    if latency := entry.latency:
        where = words.machine(latency.conditions.processor, latency.conditions.cores)
        column = Column(
            device=where, basis="measured", statistic=f"p{budget.budget_percentile}", threads=budget.budget_threads
        )
        yield column, _time(budget, percentile(latency, budget.budget_percentile))
    for phone in report.phones:
        yield from _on_phone(phone, entry, budget)
    devices = {(one.device, one.threads): None for one in report.predictions}
    for device, threads in devices:
        own = [one for one in report.predictions if (one.device, one.threads) == (device, threads)]
        if one := prediction_of(own, entry, budget):
            column = Column(device=device, basis="predicted", statistic="typical", threads=threads)
            yield column, _time(budget, one.ms, one.low_ms, one.high_ms)


def _on_phone(phone: PhoneLatencies, entry: Entry, budget: BudgetOptions) -> Iterator[tuple[Column, Time]]:
    """Of each delegate; the program tells a mean at every build, and no 90th percentile."""

    def of(one: PhoneLatency) -> bool:
        return one.threads == budget.budget_threads and one.file in entry.files and entry.length in (None, one.length)

    own = [one for one in phone.latencies if of(one)]
    for delegate in dict.fromkeys(one.delegate for one in own):
        found = at_length(
            [one for one in own if one.delegate == delegate], lambda one: one.length, budget.budget_length
        )
        if found:
            name = f"{phone.phone.name}, {delegate}" if delegate else phone.phone.name
            column = Column(device=name, basis="measured", statistic="mean", threads=found.threads)
            yield column, _time(budget, found.measured.mean_ms)


def _time(budget: BudgetOptions, ms: float, low: float | None = None, high: float | None = None) -> Time:
    fits = budget.budget_ms is None or ms <= budget.budget_ms
    return Time(ms=ms, low_ms=low, high_ms=high, fits=fits)
