"""`edgebert compare`: several reports side by side, as far as their numbers may stand side by side.

Scores are ranked where metric and dev rows are the same. Every device has a column of times and a Pareto front of its
own, and what was measured there is another column than what is predicted for it.
"""

from edgebert.report.compare.boards import comparison
from edgebert.report.compare.command import compare
from edgebert.report.compare.reports import load

__all__ = ["compare", "comparison", "load"]
