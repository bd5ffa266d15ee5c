"""A command in a fresh process: how long it took and how much memory it needed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from edgebert.errors import EdgebertError

# Linux counts the memory of whoever starts a process into its peak: so something small starts it.
STARTER = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
seconds = time.perf_counter() - began
print(json.dumps([code, seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024]))
"""


@dataclass(frozen=True)
class Cost:
    """What a process needed."""

    seconds: float
    """Wall time, from before it was started until it was gone."""
    peak_mb: float
    """Peak resident memory, MiB: of the largest process, where it started others."""


def measure(command: Sequence[str]) -> Cost:
    """Run ``command`` to its end, its stdout and stderr thrown away.

    Raises:
        EdgebertError: if it fails.
    """
    starter = [sys.executable, "-S", "-c", STARTER, *command]
    code, seconds, peak_mb = json.loads(subprocess.run(starter, stdout=subprocess.PIPE, check=True).stdout)
    if code:
        raise EdgebertError(f"{' '.join(command)} ended with code {code}.", "Run it by hand to see why.")
    return Cost(round(seconds, 4), round(peak_mb, 1))


def python(code: str) -> list[str]:
    """The command that runs ``code`` in this Python."""
    return [sys.executable, "-c", code]
