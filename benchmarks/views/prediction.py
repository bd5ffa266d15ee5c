"""The tables of `benchmarks.prediction`."""

from __future__ import annotations

from benchmarks.views.result import Result
from edgebert.report.tables import Table

ENGINES = {"litert": "LiteRT", "ort": "ONNX Runtime", "all": "all"}


def table(result: Result) -> Table:
    """How far predictions are off, a row for each engine, precision and number of threads."""
    rows = [
        [
            " ".join(filter(None, (ENGINES[one["engine"]], one["scheme"]))), str(one["threads"] or ""),
            str(one["files"]),
            *(f"{100 * one[name]:.1f}" for name in ("median", "p90", "worst")),
        ]
        for one in result["summary"]
    ]  # fmt: skip
    models = ", ".join(dict.fromkeys(row["model"] for row in result["rows"]))
    lengths = ", ".join(map(str, sorted({row["length"] for row in result["rows"]})))
    note = (
        f"Absolute error of the prediction, % of the measured median: {models} at {lengths} tokens, batch 1. "
        "Calibrated on micro-models alone, none of which has a product of the same sizes; every prediction was written "
        f"down before the first measurement (sha256 {result['predictions_sha256'][:12]}, `prediction-predicted.json`)."
    )
    return Table("Prediction", ["", "threads", "files", "median", "nine in ten within", "worst"], rows, [note])


def files(result: Result) -> Table:
    """Predicted and measured ms, a row a file."""
    rows = [
        [
            f"{row['model']} {row['scheme']}, {ENGINES[row['engine']]}", str(row["length"]), str(row["threads"]),
            f"{row['ms']:.2f} ({row['low_ms']:.2f} to {row['high_ms']:.2f})", f"{row['measured_ms']:.2f}",
            f"{100 * row['error']:+.1f}",
        ]
        for row in result["rows"]
    ]  # fmt: skip
    heads = ["", "tokens", "threads", "predicted ms (nine in ten)", "measured ms", "error %"]
    return Table("Prediction", heads, rows, ["Predicted first, then measured."])
