"""A command in a fresh process: how long it took and how much memory it needed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from edgebert.errors import EdgebertError


@dataclass(frozen=True)
class Cost:
    """What a process needed."""

    seconds: float
    """Wall time, from before it was started until it was gone."""
    peak_mb: float
    """Peak resident memory, MiB: of the largest process, where it started others."""


def measure(command: Sequence[str]) -> Cost:
    """Run ``command`` to its end, its stdout and stderr thrown away.

    Linux counts the caller's own memory into the peak of what it starts: call this from a process that holds little.

    Raises:
        EdgebertError: if it fails.
    """
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _, status, used = os.wait4(child.pid, 0)
    except BaseException:
        child.kill()
        child.wait()
        raise
    seconds = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise EdgebertError(f"{' '.join(command)} ended with code {child.returncode}.", "Run it by hand to see why.")
    return Cost(round(seconds, 3), round(used.ru_maxrss / 1024, 1))


def python(code: str) -> list[str]:
    """The command that runs ``code`` in this Python."""
    return [sys.executable, "-c", code]
