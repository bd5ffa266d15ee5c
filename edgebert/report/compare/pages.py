"""A comparison on the terminal, in Markdown, and as one page."""

from __future__ import annotations

from edgebert import console
from edgebert.report import markdown as md
from edgebert.report import terminal
from edgebert.report.budget import said
from edgebert.report.compare import charts, tables
from edgebert.report.compare.comparison import Comparison
from edgebert.report.html import fill


def show(found: Comparison) -> None:
    """Print it."""
    for reason in found.reasons:
        console.warn(reason)
    for board in found.boards:
        for warning in board.warnings:
            console.warn(warning)
        terminal.show(tables.narrow(found, board))
        terminal.show(tables.picks(found, board))


def markdown(found: Comparison) -> str:
    """It as a Markdown page."""
    parts = ["# Comparison", *(f"- {md.cell(reason)}" for reason in found.reasons)]
    for board in found.boards:
        parts += [f"## {md.cell(tables.title(board))}", *(f"- {md.cell(warning)}" for warning in board.warnings)]
        shown = (tables.picks(found, board), tables.files(found, board), tables.students(board))
        parts += [md.table(table) for table in shown if table.rows]
    return "\n\n".join(parts) + "\n"


def html(found: Comparison) -> str:
    """It as one page that needs no network."""
    return fill("compare.html.jinja", {"found": found, "tables": tables, "charts": charts, "said": said})
