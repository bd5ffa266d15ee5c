"""Variants of a training, side by side: the mean over seeds, with the spread."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.views.result import Result, busy
from benchmarks.views.students import spread
from edgebert.report import words
from edgebert.report.tables import Table

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
    shared = (
        "for the same minutes; steps are what fits into them"
        if result["minutes"]
        else "for the same number of steps, which take about as long in the two shapes"
    )
    notes = [
        f"{metric} in points, mean over the seeds {', '.join(map(str, result['seeds']))} with the smallest and the "
        f"largest; untrained: on {sizes['select']} selection rows before the first step; dev: on {sizes['dev']} dev "
        "rows, looked at once; kept: percent of the dev score of the same seed's teacher. All three learn with the "
        f"same options {shared}." + "".join(f" {note}" for note in busy(students)),
    ]
    columns = ["start", "parameters", "steps", "minutes", "untrained", "dev", "kept %"]
    return Table("Starts", columns, rows, notes)


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
    ]
    return Table("Augmentation", ["student", "rows made", "minutes", "dev", "change"], rows, notes)


def fast(result: Result) -> Table:
    """The mean over seeds of each shape, what it changes, and how fast its int8 file is."""
    students, against = result["students"], result["against"]
    rows = [["teacher", "", spread([one["dev"] for one in result["teachers"]]), *(5 * [""])]]
    times = {(one["model"], one["scheme"]): one for one in result["settings"]}
    for shape in dict.fromkeys(one["name"] for one in students):
        found = [one for one in students if one["name"] == shape]
        small, base = times[shape, "int8"], times[against, "int8"]["round_p50_ms"]
        faster = [theirs / own for theirs, own in zip(base, small["round_p50_ms"], strict=True)]
        rows.append([
            shape, words.millions(found[0]["parameters"]), spread([one["dev"] for one in found]),
            _change(result, shape), words.megabytes(small["bytes"]), words.ms(small["p50_ms"]),
            words.ms(times[shape, "fp32"]["p50_ms"]),
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
    ]
    columns = ["student", "parameters", "dev", "change", "int8 MB", "int8 ms", "fp32 ms", "faster"]
    return Table("Fast shapes", columns, rows, notes)


def _change(result: Result, variant: str) -> str:
    """A variant's difference with its interval; nothing for the variant that the others are held against."""
    if (found := result["differences"].get(variant)) is None:
        return ""
    return f"{found['mean']:+.2f} ({found['low']:+.2f} to {found['high']:+.2f})"


def _of_seed(teachers: Sequence[Result], seed: int) -> Result:
    return next(one for one in teachers if one["seed"] == seed)
