"""Times and peaks of files and processes."""

from __future__ import annotations

from benchmarks.views.result import Result
from edgebert.report import words
from edgebert.report.tables import Table

MEMORY = {
    "finetune": "reading", "distill": "teacher's features", "calibrate_onnx": "calibrating ONNX",
    "calibrate_tflite": "calibrating TFLite",
}  # fmt: skip
MODELS = {"teacher": "teacher", "bert-base": "BERT-base"}


def latency(result: Result) -> Table:
    """Each file at full length with one thread, and how many times faster the student's are."""
    settings = [one for one in result["settings"] if one["threads"] == 1 and one["at"] == "length"]
    bases = list(dict.fromkeys((r["against"], r["against_scheme"]) for r in result["ratios"]))
    rows = []
    for one in sorted(settings, key=lambda one: (one["format"] != "tflite", one["model"] != "student")):
        model = result["student"] if one["model"] == "student" else MODELS[one["model"]]
        cells = [_ratio(result, one, base) if one["model"] == "student" else "" for base in bases]
        rows.append([
            f"{model}, {one['format']} {one['scheme']}", words.megabytes(one["bytes"]), words.ms(one["p50_ms"]),
            words.optional(words.mebibytes, one["peak_memory_mb"]), *cells,
        ])  # fmt: skip
    calls = [one["calls"] for one in settings]
    notes = [
        f"{result['length']} tokens, batch 1, 1 thread, without tokenising; engines: "
        f"{words.listed(one['engine'] for one in settings)}; ms: median of the medians of "
        f"{len(settings[0]['round_p50_ms'])} rounds, {min(calls)} or more calls in all. X / file: times faster than "
        "X's file in the same engine, the median over the rounds with the smallest and the largest. Each file in a "
        "process of its own, all in turn in one run; weights are random. Other processes used up to "
        f"{100 * result['others_busy']:.0f} % of the cores.",
    ]
    columns = ["file", "MB", "ms", "peak MiB", *(f"{MODELS[model]} {scheme} / file" for model, scheme in bases)]
    return Table("Latency", columns, rows, notes)


def conversion(result: Result) -> Table:
    """From weights to files."""
    seconds, peak = result["seconds"], result["peak_mb"]
    rows = [[
        f"{result['student']}, {len(result['files'])} files", words.megabytes(sum(result["files"].values())),
        f"{seconds['median']:.0f} ({min(seconds['all']):.0f} to {max(seconds['all']):.0f})", f"{peak['max']:.0f}",
    ]]  # fmt: skip
    lengths = ", ".join(map(str, result["lengths"]))
    notes = [
        f"ONNX (any length) and TFLite (lengths {lengths}), fp32 and int8, in one fresh process from checkpoint to "
        f"files, imports included; median of {result['repeats']} with the smallest and the largest.",
    ]
    return Table("Conversion", ["all files", "MB", "seconds", "peak MiB"], rows, notes)


def memory(result: Result) -> Table:
    """Peaks at each number of rows."""
    rows = [[f"{one['rows']:,}", *(f"{one[work]['peak_mb']:.0f}" for work in MEMORY)] for one in result["peaks"]]
    notes = [
        "Peak resident MiB of a process, imports included: of `edgebert finetune`, which reads the tables, and of "
        "`edgebert distill`, which keeps the teacher's logits, hidden states and attention scores of every row on disk "
        f"and makes {result['steps']} steps; a tiny teacher, a text has 6 to 23 words. Calibration of an int8-static "
        "file is of a model of one layer.",
    ]
    return Table("Memory", ["rows", *MEMORY.values()], rows, notes)


def startup(result: Result) -> Table:
    """Whole processes."""
    rows = [
        [name, f"{1e3 * of['median']:.0f} ({1e3 * min(of['all']):.0f} to {1e3 * max(of['all']):.0f})"]
        for name, of in result["seconds"].items()
    ]
    note = f"Whole process, median of {result['repeats']} with the smallest and the largest, in turn."
    return Table("Start-up", ["", "ms"], rows, [note])


def _ratio(result: Result, own: Result, base: tuple[str, str]) -> str:
    keys = ("format", "scheme", "at", "threads")
    for one in result["ratios"]:
        if (one["against"], one["against_scheme"]) == base and all(one[key] == own[key] for key in keys):
            return f"{one['median']:.1f}x ({one['min']:.1f} to {one['max']:.1f})"
    return ""
