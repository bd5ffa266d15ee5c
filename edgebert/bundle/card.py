"""`MODEL_CARD.md` of a bundle: what the files are, how they were made, how good they are, and how to run them.

The head is a Hugging Face model card's (https://huggingface.co/docs/hub/model-cards), in JSON, which YAML reads.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from edgebert.bundle.manifest import Manifest, Model, ModelFile
from edgebert.report import markdown, words
from edgebert.report.report import Report
from edgebert.report.tables import Table, retention, scores_of

FILE = "MODEL_CARD.md"
TEMPLATE = Path(__file__).with_name("card.md.jinja")
VALUES = {"input_ids": "encoded.ids", "attention_mask": "encoded.attention_mask", "token_type_ids": "encoded.type_ids"}
"""Where each input comes from in the examples."""


def render(report: Report, manifest: Manifest) -> str:
    """The card.

    Args:
        report: of the run.
        manifest: of the bundle that the card goes into.
    """
    scores = scores_of(report)
    environment = Environment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False
    )
    environment.filters |= {"cell": markdown.cell, "table": markdown.table, "python": json.dumps}
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        report=report, manifest=manifest, title=_title(manifest),
        head=head(report, manifest), files=files(report, manifest),
        kept=retention(report) if report.student_name != "none" else "", words=words,
        onnx=_first(manifest, "onnx"), tflite=_first(manifest, "tflite"), values=VALUES,
        formats=" and ".join(dict.fromkeys(words.FORMATS.get(one.format, one.format) for one in manifest.models)),
        padded=[check for check in scores.padding if check.max_difference > scores.fp32_tolerance],
    )  # fmt: skip


def head(report: Report, manifest: Manifest) -> str:
    """The front matter: licence, tags, and the scores on the dev rows, one result a model."""
    values: dict[str, Any] = {
        "license": _licence_id(manifest),
        "pipeline_tag": "text-classification",
        "tags": ["edgebert", "text-classification", *dict.fromkeys(model.format for model in manifest.models)],
        "model-index": [{"name": _title(manifest), "results": [_result(manifest, model) for model in manifest.models]}],
    }
    if base := _hub_id(report.source["teacher"]):
        values["base_model"] = base
    return "\n".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in values.items())


def files(report: Report, manifest: Manifest) -> Table:
    """Every model file, and every set of them, with its score and its time where it was timed."""
    rows = []
    for model in manifest.models:
        found = [
            ([file.path], file.path if len(file.entries) == 1 else f"{file.path}, {entry.length} tokens", file.bytes,
             entry.quality, entry.length)
            for file in model.files
            for entry in file.entries
        ]  # fmt: skip
        if len(found) > 1 and model.quality:
            paths, size = [file.path for file in model.files], sum(file.bytes for file in model.files)
            found.append((paths, f"{model.format} {model.scheme}, {model.driver}", size, model.quality, None))
        rows += [
            [
                name, words.megabytes(size), words.points(quality.value), words.drop(quality.drop),
                words.optional(words.percent, quality.agreement), f"{quality.cut_rows} at {quality.cut_at}",
                *_ms(report, paths, length),
            ]
            for paths, name, size, quality, length in found
        ]  # fmt: skip
    metric = scores_of(report).metric
    columns = ["file", "MB", metric, "against PyTorch", "agree %", "rows cut", "tokens", "p50 ms", "p90 ms"]
    timed = [one for one in report.latencies if one.model == "student" and one.conditions.threads == 1]
    notes = (
        [f"{metric} in points on {report.scores.rows} dev rows, each file in its own engine."] if report.scores else []
    )
    if timed:
        notes.append(
            f"ms: 1 thread, on the dev rows' own lengths (own) or at so many tokens. {words.conditions(timed)} "
            "A phone takes another time."
        )
    return Table("Files", columns if timed else columns[:-3], rows if timed else [row[:-3] for row in rows], notes)


def _ms(report: Report, paths: Sequence[str], length: int | None) -> list[str]:
    """Tokens, median and ninth tenth with one thread: at ``length``, else on the rows' own lengths where timed so."""
    timed = [
        one
        for one in report.latencies
        if (one.model, one.conditions.threads, sorted(one.files)) == ("student", 1, sorted(paths))
        and length in (None, one.conditions.length)
    ]
    if not timed:
        return ["", "", ""]
    one = next((one for one in timed if one.at == "rows"), timed[0])
    tokens = one.conditions.length
    return ["own" if tokens is None else str(tokens), words.ms(one.p50_ms), words.ms(one.p90_ms)]


def _result(manifest: Manifest, model: Model) -> dict[str, Any]:
    quality = model.quality or model.files[-1].entries[-1].quality
    return {
        "name": f"{model.format} {model.scheme}",
        "task": {"type": "text-classification"},
        "dataset": {"name": manifest.task, "type": manifest.task, "split": "dev"},
        "metrics": [
            {"type": quality.metric, "value": round(quality.value, 2), "name": f"{quality.metric}, points of 100"}
        ],
    }


def _first(manifest: Manifest, format: str) -> ModelFile | None:
    """The file of the smallest model of a format that takes the longest texts."""
    return next((model.files[-1] for model in manifest.models if model.format == format), None)


def _title(manifest: Manifest) -> str:
    return manifest.task if manifest.name == "none" else f"{manifest.name}, {manifest.task}"


def _licence_id(manifest: Manifest) -> str:
    """An identifier as the Hugging Face hub knows them; "unknown" where the source names none."""
    licence = manifest.licences[0].licence
    return licence if re.fullmatch(r"[a-z0-9.+-]+", licence) else "unknown"


def _hub_id(teacher: str | None) -> str | None:
    """The teacher, where it is a model of the hub: local folders are absolute paths in a run."""
    return teacher if teacher and re.fullmatch(r"[\w.-]+(/[\w.-]+)?", teacher) else None
