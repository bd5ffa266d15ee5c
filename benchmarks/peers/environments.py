"""Where the libraries of the engines are: beside edgebert, or in environments of their own, of pinned versions."""

from __future__ import annotations

import sys
from pathlib import Path

from edgebert.files import read_json, write_json
from edgebert.runtimes.environment import Environment

PINS = Path(__file__).parent / "pins"
"""One file an environment, its name the environment's: every package that is installed, on a line each."""
PACKAGES = ("edgebert", "converters", "benchmarks")
"""What a worker imports of ours, as far as its environment lets it."""


def names() -> list[str]:
    """All environments."""
    return sorted(path.stem for path in PINS.glob("*.txt"))


def environment(name: str) -> Environment:
    """An environment by its name, whether or not it was made."""
    lines = (line.strip() for line in (PINS / f"{name}.txt").read_text(encoding="utf-8").splitlines())
    return Environment(name, tuple(line for line in lines if line and not line.startswith("#")), shelf="peers")


def interpreter(name: str | None) -> Path:
    """The Python of an environment; None for the one that runs."""
    return Path(sys.executable) if name is None else environment(name).interpreter


def failure(name: str | None) -> str | None:
    """Why an environment is not there; None where it is."""
    if name is None or environment(name).record:
        return None
    path = _failures(name)
    return str(read_json(path)["failure"]) if path.is_file() else "not set up: python -m benchmarks.peers.setup"


def record_failure(name: str, why: str | None) -> None:
    """Keep why an environment could not be made; None where it was."""
    if why is None:
        _failures(name).unlink(missing_ok=True)
    else:
        write_json(_failures(name), {"failure": why})


def _failures(name: str) -> Path:
    folder = environment(name).folder
    return folder.with_name(f"{folder.name}.failed.json")
