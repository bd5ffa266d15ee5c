"""A function as a script: its parameters are the options, its errors are edgebert's."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from cyclopts import App, Parameter

from edgebert import console
from edgebert.exit_codes import exit_codes


def run(main: Callable[..., Any]) -> None:
    """Call ``main`` with what the command line says, and end the process with the right exit code."""
    console.hush_libraries()
    app = App(default_parameter=Parameter(negative_iterable=(), consume_multiple=True))
    app.default(main)
    with exit_codes():
        app(sys.argv[1:])
