"""What is predicted for a device that is not at hand: a column of its own, beside what was measured here."""

from __future__ import annotations

from edgebert.profile.prediction import Prediction
from edgebert.report import words
from edgebert.report.report import Report
from edgebert.report.tables import Table

FITTED = {
    "measured": "fitted on latencies of the device", "published": "fitted on published latencies of the device",
    "spec": "a specification, nothing measured",
}  # fmt: skip


def table(report: Report) -> Table:
    """Every file predicted for the device, and measured here; without rows where no device was named."""
    if not report.predictions:
        return Table("Predictions", (), ())
    first = report.predictions[0]
    rows = [
        [
            one.file, str(one.length), words.ms(one.ms), f"{words.ms(one.low_ms)} to {words.ms(one.high_ms)}",
            f"{100 * one.coverage:.0f} %", _measured(report, one),
        ]
        for one in report.predictions
    ]  # fmt: skip
    notes = [
        f"Predicted for {first.device}, {words.threads(first.threads)}, not measured there: the cost of the file's own "
        f"operators. Basis: {FITTED[first.basis]}; {words.listed(one.rests_on for one in report.predictions)}. "
        "between: nine in ten measurements are expected there. coverage: share of the operators whose cost is known. "
        "measured here: p50 on this machine, 1 thread, of the same files at the same length: another machine.",
        *(f"Not predicted: {reason}" for reason in report.unpredicted),
    ]
    columns = ["file", "tokens", "predicted ms", "between", "coverage", "measured here, ms"]
    return Table(f"Predicted for {first.device}", columns, rows, notes)


def _measured(report: Report, of: Prediction) -> str:
    for one in report.latencies:
        key = (one.model, one.files, one.conditions.length, one.conditions.threads)
        if key == ("student", (of.file,), of.length, 1):
            return words.ms(one.p50_ms)
    return ""
