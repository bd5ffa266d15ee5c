"""What `edgebert compare` does: print the comparison, write it, and say whether anything fits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edgebert import console
from edgebert.errors import GateError
from edgebert.files import atomic, write_json
from edgebert.recipes.options import BudgetOptions
from edgebert.report.budget import said
from edgebert.report.compare import pages
from edgebert.report.compare.boards import comparison
from edgebert.report.compare.comparison import Comparison
from edgebert.report.compare.reports import load


def compare(
    paths: Sequence[Path],
    budget: BudgetOptions | None = None,
    *,
    json: Path | None = None,
    markdown: Path | None = None,
    html: Path | None = None,
) -> Comparison:
    """Compare reports: on the terminal, and in the files that are named.

    Args:
        paths: run folders or `report.json` files; an app's result file is one too.
        budget: what an app can afford; its threads, tokens and percentile are those of the measured times shown.
        json: file for programs.
        markdown: file for people.
        html: likewise, one page that needs no network.

    Raises:
        UserError: if there is none, one is no report, or one cannot be compared.
        GateError: if there is a budget and no file fits it on any device; all is written all the same.
    """
    found = comparison(load(paths), budget or BudgetOptions())
    pages.show(found)
    if json:
        write_json(json, found.to_dict())
    for path, render in ((markdown, pages.markdown), (html, pages.html)):
        if path:
            with atomic(path) as temporary:
                temporary.write_text(render(found), encoding="utf-8")
    written = [str(path) for path in (json, markdown, html) if path]
    if written:
        console.say(f"written: {', '.join(written)}")
    if found.budget.given and not found.fitting:
        raise GateError(
            f"No file of these reports fits the budget: {said(found.budget, 'on any device here')}.",
            "See what each lacks above.",
        )
    return found
