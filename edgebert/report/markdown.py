"""The report as a page: `report.md`."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, StrictUndefined

from edgebert.files import atomic
from edgebert.report import budget, overview, parts, phones, predictions, proposal, speed, tables, words
from edgebert.report.report import Report
from edgebert.report.tables import Table

FILE = "report.md"
TEMPLATE = Path(__file__).with_name("report.md.jinja")


def render(report: Report) -> str:
    """The page."""
    # Markdown, not HTML: `cell` escapes what users wrote.
    environment = Environment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False
    )
    environment.filters |= {"cell": cell, "table": table}
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        report=report, tables=tables, speed=speed, overview=overview, budget=budget, parts=parts, phones=phones,
        predictions=predictions, proposal=proposal,
        words=words,
        versions=versions,
    )  # fmt: skip


def write(report: Report, path: Path) -> None:
    """Write the page, at once."""
    with atomic(path) as temporary:
        temporary.write_text(render(report), encoding="utf-8")


def table(shown: Table) -> str:
    """A table as Markdown, its conditions below it."""
    columns = [cell(column) for column in shown.columns]
    rule = ["---", *["---:"] * (len(columns) - 1)]
    lines = ["| " + " | ".join(row) + " |" for row in (columns, rule, *([cell(c) for c in row] for row in shown.rows))]
    return "\n".join([*lines, "", *(f"{note}\n" for note in shown.notes)]).rstrip()


def cell(text: str) -> str:
    """User text in one cell of a table."""
    flat = " ".join(text.split())
    for sign in "\\|`*_<[":
        flat = flat.replace(sign, "\\" + sign)
    return flat


def versions(report: Report) -> dict[str, str]:
    """Library versions over all stages; several where a library was changed in between."""
    names = sorted({name for stage in report.stages for name in stage.versions})
    return {
        name: words.listed(stage.versions[name] for stage in report.stages if name in stage.versions) for name in names
    }
