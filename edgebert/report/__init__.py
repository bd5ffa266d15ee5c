"""One report object, made of what the stages wrote: terminal tables, `report.json` and `report.md` all come from it."""

from edgebert.report.build import build
from edgebert.report.report import Report
from edgebert.report.terminal import stage_table, summary

__all__ = ["Report", "build", "stage_table", "summary"]
