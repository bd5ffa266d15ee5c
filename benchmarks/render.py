"""Results as tables: one function a benchmark, each from the values of its file alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from benchmarks import prediction_table, reductions_table, students_tables
from benchmarks.peers import table as peers
from benchmarks.students_tables import spread
from edgebert.report import words
from edgebert.report.tables import Table

Result = Mapping[str, Any]
STARTS = {
    "random": "{name}, random weights",
    "layers": "{name}, chosen layers of the teacher at full width",
    "units": "{name}, units of the teacher's weights",
}
WITHOUT = {
    "full": "all of TinyBERT's terms",
    "attention": "without attention",
    "hidden": "without hidden states",
    "embeddings": "without embeddings",
    "intermediate": "without the intermediate phase",
}
AUGMENTED = {
    "none": "train rows alone",
    "mask": "words masked",
    "swap": "words swapped",
    "ngram": "n-grams",
    "all": "all three",
}
MEMORY = {
    "finetune": "reading", "distill": "teacher's features", "calibrate_onnx": "calibrating ONNX",
    "calibrate_tflite": "calibrating TFLite",
}  # fmt: skip
MODELS = {"teacher": "teacher", "bert-base": "BERT-base"}


def render(result: Result, view: str = "") -> Table:
    """The table of a result, or another ``view`` of it; the conditions of its numbers are below it."""
    return RENDERERS["_".join(filter(None, (result["benchmark"], view)))](result)


def students(result: Result) -> Table:
    """A row a student."""
    return _with_conditions(students_tables.summary(result), result)


def students_files(result: Result) -> Table:
    """A row a file."""
    return _with_conditions(students_tables.files(result), result)


def reductions(result: Result) -> Table:
    """A row a reduction that is left out."""
    return _with_conditions(reductions_table.table(result), result)


def _with_conditions(table: Table, result: Result) -> Table:
    return replace(table, notes=[*table.notes, conditions(result)])


def task(result: Result) -> Table:
    """Teacher, student, and each file in every runtime on the dev rows."""
    teacher, student, metric = result["teacher"], result["student"], result["metric"]
    engines = list(dict.fromkeys(file["engine"] for file in result["files"]))
    rows = [[f"teacher, PyTorch fp32 ({teacher['source']}, {words.millions(teacher['parameters'])})", "",
             words.optional(words.points, teacher["dev"]), *([""] * len(engines))]]  # fmt: skip
    if student["name"] != "none":
        rows.append([
            f"{student['name']}, PyTorch fp32 ({words.millions(student['parameters'])})", "",
            words.optional(words.points, student["dev"]), *([""] * len(engines)),
        ])  # fmt: skip
    for name in dict.fromkeys(map(_file, result["files"])):
        of = {file["engine"]: file for file in result["files"] if _file(file) == name}
        first = next(iter(of.values()))
        cells = [_scored(of.get(engine), metric) for engine in engines]
        rows.append([name, words.megabytes(first["bytes"]), *cells, words.optional(words.percent, first["agreement"])])
    minutes = {name: result["minutes"].get(name, 0.0) for name in ("teacher", "student")}
    trained = f"teacher {minutes['teacher']:.1f} minutes, seed {teacher['seed']}; " if teacher["fine_tuned"] else ""
    kept = f"; {result['student']['retention']:.1f} % of the teacher's score kept" if student["retention"] else ""
    notes = [
        f"{metric} in points on {result['rows']['dev']} dev rows of {result['task']}, of models in the first column of "
        "numbers, of each file in its runtimes; refused: wrong in that runtime. agree: rows with the label of the "
        f"PyTorch student, its texts cut at the same length{kept}.",
        f"One run: {trained}student {minutes['student']:.1f} minutes, seed {student['seed']}, all stages "
        f"{sum(result['minutes'].values()):.1f} minutes.",
    ]
    return Table(result["task"], ["", "MB", *engines, "agree %"], rows, [*notes, conditions(result)])


def starts(result: Result) -> Table:
    """The mean over seeds for each start, and the spread."""
    teachers, students = result["teachers"], result["students"]
    rows = [["teacher", "", *(3 * [""]), spread([one["dev"] for one in teachers]), ""]]
    for start, words_of in STARTS.items():
        found = [one for one in students if one["start"] == start]
        kept = [100 * one["dev"] / _of_seed(teachers, one["seed"])["dev"] for one in found]
        rows.append([
            words_of.format(name=found[0]["name"]), words.millions(found[0]["parameters"]),
            spread([one["steps"] for one in found], "{:.0f}"), spread([one["minutes"] for one in found], "{:.1f}"),
            spread([one["untrained_select"] for one in found]), spread([one["dev"] for one in found]),
            spread(kept, "{:.1f}"),
        ])  # fmt: skip
    metric, sizes = teachers[0]["metric"], teachers[0]["rows"]
    busy = [one["others_busy"] for one in students if one["others_busy"] is not None]
    shared = (
        "for the same minutes; steps are what fits into them"
        if result["minutes"]
        else "for the same number of steps, which take about as long in the two shapes"
    )
    notes = [
        f"{metric} in points, mean over the seeds {', '.join(map(str, result['seeds']))} with the smallest and the "
        f"largest; untrained: on {sizes['select']} selection rows before the first step; dev: on {sizes['dev']} dev "
        "rows, looked at once; kept: percent of the dev score of the same seed's teacher. All three learn with the "
        f"same options {shared}."
        + (f" Other processes used up to {100 * max(busy):.0f} % of the cores meanwhile." if busy else ""),
        conditions(result),
    ]
    columns = ["start", "parameters", "steps", "minutes", "untrained", "dev", "kept %"]
    return Table("Starts", columns, rows, notes)


def _change(result: Result, variant: str) -> str:
    """A variant's difference with its interval; nothing for the variant that the others are held against."""
    if (found := result["differences"].get(variant)) is None:
        return ""
    return f"{found['mean']:+.2f} ({found['low']:+.2f} to {found['high']:+.2f})"


def ablation(result: Result) -> Table:
    """The mean over seeds of each variant, and what leaving something out changes."""
    teachers, students = result["teachers"], result["students"]
    rows = [["teacher", "", spread([one["dev"] for one in teachers]), ""]]
    for without, words_of in WITHOUT.items():
        found = [one for one in students if one["without"] == without]
        rows.append([
            words_of, spread([one["minutes"] for one in found], "{:.1f}"), spread([one["dev"] for one in found]),
            _change(result, without),
        ])  # fmt: skip
    metric, sizes = teachers[0]["metric"], teachers[0]["rows"]
    notes = [
        f"{students[0]['name']} on {result['task']}, {result['steps']} steps each, of which "
        f"{100 * result['intermediate_share']:.0f} % are the intermediate phase where there is one; {metric} in points "
        f"on {sizes['dev']} dev rows, mean over the seeds {', '.join(map(str, result['seeds']))} with the smallest and "
        "the largest. change: against all terms, mean over the seeds, with the 95 % interval of a bootstrap over dev "
        "rows, the same rows for both.",
        conditions(result),
    ]
    return Table("Ablation", ["TinyBERT", "minutes", "dev", "change"], rows, notes)


def ablation_bilstm(result: Result) -> Table:
    """The mean over seeds of each augmentation, and what it changes."""
    teachers, students = result["teachers"], result["students"]
    rows = [["teacher", *(2 * [""]), spread([one["dev"] for one in teachers]), ""]]
    for augmented, words_of in AUGMENTED.items():
        found = [one for one in students if one["augmented"] == augmented]
        rows.append([
            words_of, spread([one["rows_made"] for one in found], "{:.0f}"),
            spread([one["minutes"] for one in found], "{:.1f}"), spread([one["dev"] for one in found]),
            _change(result, augmented),
        ])  # fmt: skip
    metric, sizes = teachers[0]["metric"], teachers[0]["rows"]
    notes = [
        f"{students[0]['name']} on {result['task']}: {sizes['train']} train rows and what {result['copies']} passes "
        f"make of them, no other unlabelled texts, {result['steps']} steps each; {metric} in points on {sizes['dev']} "
        f"dev rows, mean over the seeds {', '.join(map(str, result['seeds']))} with the smallest and the largest. "
        "change: against the train rows alone, mean over the seeds, with the 95 % interval of a bootstrap over dev "
        "rows, the same rows for both.",
        conditions(result),
    ]
    return Table("Augmentation", ["student", "rows made", "minutes", "dev", "change"], rows, notes)


def fast(result: Result) -> Table:
    """The mean over seeds of each shape, what it changes, and how fast its int8 file is."""
    students, against = result["students"], result["against"]
    rows = [["teacher", *(2 * [""]), spread([one["dev"] for one in result["teachers"]]), *(4 * [""])]]
    times = {(one["model"], one["scheme"]): one for one in result["settings"]}
    for shape in dict.fromkeys(one["name"] for one in students):
        found = [one for one in students if one["name"] == shape]
        small, base = times[shape, "int8"], times[against, "int8"]["round_p50_ms"]
        faster = [theirs / own for theirs, own in zip(base, small["round_p50_ms"], strict=True)]
        rows.append([
            shape, words.millions(found[0]["parameters"]), spread([one["minutes"] for one in found], "{:.1f}"),
            spread([one["dev"] for one in found]), _change(result, shape), words.megabytes(small["bytes"]),
            words.ms(small["p50_ms"]), words.ms(times[shape, "fp32"]["p50_ms"]),
            "" if shape == against else spread(faster, "{:.2f}"),
        ])  # fmt: skip
    metric, sizes = result["teachers"][0]["metric"], result["teachers"][0]["rows"]
    notes = [
        f"{result['task']}, {result['steps']} steps each with the same options; {metric} in points of the PyTorch "
        f"student on {sizes['dev']} dev rows, mean over the seeds {', '.join(map(str, result['seeds']))} with the "
        f"smallest and the largest. change: against {against}, mean over the seeds, with the 95 % interval of a "
        "bootstrap over dev rows, the same rows for both. ms: TFLite in LiteRT, "
        f"{result['length']} tokens, batch 1, 1 thread, without tokenising, each file in a process of its own, all in "
        f"turn; faster: {against}'s int8 ms by this one's, mean over the rounds. Other processes used up to "
        f"{100 * result['others_busy']:.0f} % of the cores meanwhile.",
        conditions(result),
    ]
    columns = ["student", "parameters", "minutes", "dev", "change", "int8 MB", "int8 ms", "fp32 ms", "faster"]
    return Table("Fast shapes", columns, rows, notes)


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
        conditions(result),
    ]
    columns = ["file", "MB", "ms", "peak MiB", *(f"{MODELS[model]} {scheme} / file" for model, scheme in bases)]
    return Table("Latency", columns, rows, notes)


def published(result: Result) -> Table:
    """Published latencies beside what is predicted of rows that were not fitted on."""
    rows = [
        [
            f"{one['device']}, {one['model']} {one['dtype']}", one["kind"],
            f"{one['published_ms']:g}" + (" (memory)" if one["verified"] == "memory" else ""),
            words.ms(one["predicted_ms"]), f"{100 * one['error']:+.0f} %",
        ]
        for one in result["rows"]
    ]  # fmt: skip
    factors, claim = result["factors"], result["claim"]
    noted = words.listed(f"{one['model']} on {one['device']}: {one['note']}" for one in result["rows"] if one["note"])
    notes = [
        "Published by others, see `device_profiles/published.csv`; predicted from files of the same models that "
        "edgebert exports today, leaner graphs than those of 2020. The peak is the chip's specification; large "
        f"products reach {100 * factors['efficiency']:.0f} % of it by {' and '.join(result['efficiency_from'])}; "
        f"elements take {factors['elements']:.1f} times and operators {factors['operators']:.1f} times the usual "
        f"by the transformer rows. Both rows of the {claim['printed']:.1f}x left out, it is predicted as "
        f"{claim['predicted']:.1f}x. {noted}.",
        conditions(result),
    ]
    columns = ["row", "", "published ms", "predicted ms", "error"]
    return Table("Published rows", columns, rows, notes)


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
        conditions(result),
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
        conditions(result),
    ]
    return Table("Memory", ["rows", *MEMORY.values()], rows, notes)


def prediction(result: Result) -> Table:
    """How far predictions are off."""
    return _with_conditions(prediction_table.table(result), result)


def prediction_files(result: Result) -> Table:
    """A row a file."""
    return _with_conditions(prediction_table.files(result), result)


def startup(result: Result) -> Table:
    """Whole processes."""
    rows = [
        [name, f"{1e3 * of['median']:.0f} ({1e3 * min(of['all']):.0f} to {1e3 * max(of['all']):.0f})"]
        for name, of in result["seconds"].items()
    ]
    note = f"Whole process, median of {result['repeats']} with the smallest and the largest, in turn."
    return Table("Start-up", ["", "ms"], rows, [note, conditions(result)])


def arm(result: Result) -> Table:
    """A row a file, with its largest difference on each processor."""
    files = result["files"]
    processors = list(dict.fromkeys(one["processor"] for one in files))
    rows = []
    for name in dict.fromkeys(one["file"] for one in files):
        found = {one["processor"]: one for one in files if one["file"] == name}
        first = found[processors[0]]
        cells = [
            cell
            for one in (found[processor] for processor in processors)
            for cell in (f"{one['max_difference']:.1e}", words.optional("{:.0f}".format, one["agreement"]))
        ]
        rows.append([name, first["engine"], str(first["texts"]), *cells])
    notes = [
        f"{result['student']} on {result['task']}: each file's outputs in the engine's arm64 build for Linux, emulated "
        f"by {result['emulator']}, 1 thread, against the same version here; the largest difference of an output over "
        "the bundle's goldens, and the percentage of them with the same answer. Emulation says nothing of speed.",
        conditions(result),
    ]
    columns = [column for name in processors for column in (f"{name} largest difference", "same answer %")]
    return Table("On arm64", ["file", "engine", "texts", *columns], rows, notes)


def _peers(view: Callable[[Result], Table]) -> Callable[[Result], Table]:
    return lambda result: _with_conditions(view(result), result)


RENDERERS: dict[str, Callable[[Result], Table]] = {name: _peers(view) for name, view in peers.VIEWS.items()} | {
    one.__name__: one
    for one in (
        students,
        students_files,
        task,
        starts,
        ablation,
        ablation_bilstm,
        fast,
        latency,
        reductions,
        published,
        conversion,
        memory,
        startup,
        prediction,
        prediction_files,
        arm,
    )
}
"""The benchmark that wrote a result names the function that shows it."""


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


def _file(file: Result) -> str:
    driver = {"by-length": "by length", "by-signature": "by signature"}
    whole = len(file["files"]) > 1 or (file["length"] is None and file["driver"] in driver)
    length = driver[file["driver"]] if whole else f"{file['length']} tokens" if file["length"] else "any length"
    return f"{file['format']} {file['scheme']}, {length}"


def _scored(file: Result | None, metric: str) -> str:
    if file is None:
        return ""
    return "refused" if file["reasons"] else words.optional(words.points, (file["metrics"] or {}).get(metric))


def _ratio(result: Result, own: Result, base: tuple[str, str]) -> str:
    keys = ("format", "scheme", "at", "threads")
    for one in result["ratios"]:
        if (one["against"], one["against_scheme"]) == base and all(one[key] == own[key] for key in keys):
            return f"{one['median']:.1f}x ({one['min']:.1f} to {one['max']:.1f})"
    return ""


def _of_seed(teachers: Sequence[Result], seed: int) -> Result:
    return next(one for one in teachers if one["seed"] == seed)
