"""A function as a script: its parameters are the options, its errors are edgebert's."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from cyclopts import App, Parameter

from edgebert import console
from edgebert.errors import EdgebertError


def run(main: Callable[..., Any]) -> None:
    """Call ``main`` with what the command line says, and end the process with the right exit code."""
    console.hush_libraries()
    app = App(default_parameter=Parameter(negative_iterable=(), consume_multiple=True))
    app.default(main)
    try:
        app(sys.argv[1:])
    except KeyboardInterrupt:
        console.say("\nStopped.")
        sys.exit(130)
    except EdgebertError as error:
        console.fail(error.what, error.fix)
        sys.exit(error.exit_code)
