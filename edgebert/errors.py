"""What can go wrong, by whose doing: the exit code follows from the class."""

from __future__ import annotations

import importlib.util


class EdgebertError(Exception):
    """Base of every error that edgebert raises on purpose; the command line prints it without a traceback.

    Args:
        what: what is wrong and where (file, row, column, option), one or two sentences.
        fix: what to do about it, if there is one thing to say.
    """

    exit_code = 1

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(f"{what}\n{fix}" if fix else what)
        self.what = what
        self.fix = fix


class UserError(EdgebertError):
    """The input is wrong: a file, a column, an option. Exit code 2."""

    exit_code = 2


class GateError(EdgebertError):
    """Everything ran, and a promise was not kept: a metric dropped, files disagree. Exit code 1."""


def require(module: str, extra: str) -> None:
    """Raise a `UserError` naming the extra to install when ``module`` is missing."""
    if importlib.util.find_spec(module) is None:
        raise UserError(
            f"This step needs the Python package '{module}', which is not installed.",
            f"Install it with: pip install 'edgebert[{extra}]'",
        )
