"""The claims on the terminal and as one page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from device_profiles.published import VERIFIED
from edgebert.claims.held import Held, Measured, Predicted
from edgebert.report import words
from edgebert.report.html import fill
from edgebert.report.tables import Table


def table(rows: Sequence[Held], conditions: Sequence[str]) -> Table:
    """Every claim in every precision: how many times faster."""
    shown = [
        [
            f"{one.claim.name}, {one.scheme}", _printed(one), words.ratio(one.macs_ratio),
            *(_measured(found) for found in one.measured), _ratio(one.predicted), one.verdict or "no claim",
        ]
        for one in rows
    ]  # fmt: skip
    columns = ["claim", "paper", "multiply-adds", *_here(rows), "predicted there", "here"]
    return Table("Printed, measured, predicted", columns, shown, _notes(rows, conditions))


def milliseconds(rows: Sequence[Held]) -> Table:
    """The times that these ratios come from."""
    shown = [
        [
            f"{one.claim.name}, {one.scheme}",
            *(f"{words.ms(found.baseline_ms)} / {words.ms(found.ms)}" for found in one.measured),
            *_ms(one.predicted),
        ]
        for one in rows
    ]
    columns = ["milliseconds, slower model / faster one", *_here(rows), "predicted there, slower", "faster"]
    return Table("Milliseconds", columns, shown)


def _here(rows: Sequence[Held]) -> list[str]:
    return [f"measured here, {words.threads(found.threads)}" for found in rows[0].measured]


def narrow(rows: Sequence[Held], conditions: Sequence[str]) -> Table:
    """The same for a terminal."""
    shown = [
        [
            f"{one.claim.name}, {one.scheme}", _printed(one), words.ratio(one.macs_ratio),
            words.ratio(one.measured[0].ratio), _ratio(one.predicted), one.verdict,
        ]
        for one in rows
    ]  # fmt: skip
    columns = ["claim", "paper", "MACs", "here", "predicted", ""]
    return Table("Speed-ups that papers print", columns, shown, _notes(rows, conditions))


def reasons(rows: Sequence[Held]) -> Table:
    """The paper's conditions, how its figure was checked, and why it is met or not."""
    shown = [
        [
            f"{one.claim.name}, {one.scheme}",
            f"{one.claim.paper}: {one.claim.conditions}; {VERIFIED[one.claim.verified]}",
            one.why,
        ]
        for one in rows
    ]
    return Table("Conditions and reasons", ["claim", "the paper", "why"], shown)


def html(rows: Sequence[Held], conditions: Sequence[str]) -> str:
    """It all as one page that needs no network."""
    values: dict[str, Any] = {
        "figures": table(rows, conditions), "times": milliseconds(rows), "reasons": reasons(rows), "rows": rows,
    }  # fmt: skip
    return fill("claims.html.jinja", values)


def _printed(one: Held) -> str:
    if one.scheme != "fp32":
        return ""
    unsure = " (memory)" if one.claim.verified == "memory" else ""
    return f"{one.claim.ratio:.3g}x{unsure}" + ("" if one.claim.printed else " (of its ms)")


def _measured(one: Measured) -> str:
    return f"{words.ratio(one.ratio)} ({words.ratio(one.low)} to {words.ratio(one.high)})"


def _ms(one: Predicted | None) -> tuple[str, str]:
    """Of baseline and model, with the interval."""
    if one is None:
        return "refused", "refused"
    return (
        f"{words.ms(one.baseline_ms)} ({words.ms(one.baseline_low_ms)} to {words.ms(one.baseline_high_ms)})",
        f"{words.ms(one.ms)} ({words.ms(one.low_ms)} to {words.ms(one.high_ms)})",
    )


def _ratio(one: Predicted | None) -> str:
    return "refused" if one is None else words.ratio(one.ratio)


def _notes(rows: Sequence[Held], conditions: Sequence[str]) -> list[str]:
    places = {
        f"{one.predicted.device}, {one.predicted.engine}, {words.threads(one.predicted.threads)}: "
        f"{one.predicted.rests_on}"
        for one in rows
        if one.predicted
    }
    return [
        "Times faster, model against baseline: printed by the paper, by multiply-adds, measured here in LiteRT (same "
        "engine, same precision, same rounds; smallest and largest round in brackets), predicted for the paper's "
        "device from the same files, nine in ten measurements expected in the brackets. here: met where the measured "
        "ratio with 1 thread is the printed one or more. int8: our own files, which no paper claims.",
        *conditions,
        *(f"Predicted for {place}." for place in sorted(places)),
    ]
