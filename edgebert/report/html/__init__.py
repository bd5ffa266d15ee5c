"""The report as one page that works from a file, with no network: `report.html`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from edgebert.files import atomic
from edgebert.report import budget, markdown, overview, parts, phones, predictions, proposal, speed, tables, words
from edgebert.report.html import charts, headline, histogram
from edgebert.report.report import Report

FILE = "report.html"
FOLDER = Path(__file__).parent


def render(report: Report) -> str:
    """The page."""
    return fill(
        "report.html.jinja",
        {
            "report": report, "tables": tables, "speed": speed, "overview": overview, "budget": budget,
            "headline": headline, "charts": charts, "parts": parts, "phones": phones, "histogram": histogram,
            "predictions": predictions, "proposal": proposal,
            "versions": markdown.versions(report),
        },
    )  # fmt: skip


def write(report: Report, path: Path) -> None:
    """Write the page, at once."""
    with atomic(path) as temporary:
        temporary.write_text(render(report), encoding="utf-8")


def fill(template: str, values: Mapping[str, Any]) -> str:
    """A template of this folder with style and script inside; what users wrote is escaped."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    own = {name: (FOLDER / f"page.{name}").read_text(encoding="utf-8") for name in ("css", "js")}
    return environment.get_template(template).render(**values, **own, words=words)
