"""Result files: what a benchmark found, and under which conditions."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edgebert import console
from edgebert.files import read_json, write_json
from edgebert.store import machine, revision, versions

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "benchmarks" / "results"
WORK = Path("build") / "benchmarks"
"""Where benchmarks leave what they made; `make clean` removes it."""
CODE = ("edgebert", "converters", "benchmarks", ":!benchmarks/results")


class Watch:
    """Knows when a benchmark began and how busy the machine was then."""

    def __init__(self) -> None:
        self._began, self._load = time.time(), os.getloadavg()[0]

    def conditions(self) -> dict[str, Any]:
        """Date (UTC), minutes of this call, code, library versions, machine, and its load over the last minute."""
        return {
            "date": time.strftime("%Y-%m-%d", time.gmtime(self._began)),
            "minutes": round((time.time() - self._began) / 60, 1),
            "revision": _code(),
            "versions": versions(),
            "machine": machine(),
            "load_average": {"start": round(self._load, 2), "end": round(os.getloadavg()[0], 2)},
        }


def write(
    name: str, benchmark: str, command: str, watch: Watch, values: Mapping[str, Any], folder: Path = FOLDER
) -> Path:
    """Write a result.

    Args:
        name: of the file, and of its table in the README.
        benchmark: the script that made it.
        command: what makes it again.
        watch: started when the benchmark was.
        values: what was found, plain JSON values.
        folder: of the results.

    Returns:
        The file.
    """
    path = folder / f"{name}.json"
    write_json(path, {"benchmark": benchmark, "command": command, "conditions": watch.conditions(), **values})
    console.say(f"result: {path}")
    return path


def write_section(
    name: str, benchmark: str, family: str, command: str, watch: Watch, values: Mapping[str, Any], folder: Path = FOLDER
) -> Path:
    """Write what was found for one family of models; the sections of others stay. Arguments as of `write`."""
    path = folder / f"{name}.json"
    sections = {one["family"]: one for one in (read(name, folder) or {}).get("families", ())}
    sections[family] = {"family": family, "command": command, "conditions": watch.conditions(), **values}
    write_json(path, {"benchmark": benchmark, "families": list(sections.values())})
    console.say(f"result: {path}, {family}")
    return path


def section(result: Mapping[str, Any], family: str) -> dict[str, Any] | None:
    """The section of a family, as a result of its own; None where it has not been made yet."""
    found = (one for one in result["families"] if one["family"] == family)
    return next(({"benchmark": result["benchmark"], **one} for one in found), None)


def read(name: str, folder: Path = FOLDER) -> dict[str, Any] | None:
    """A result by its name; None where it has not been made yet."""
    path = folder / f"{name}.json"
    return dict(read_json(path)) if path.is_file() else None


def command(script: str, arguments: Sequence[str]) -> str:
    """The command line in words: paths of this machine are cut to their last part."""
    return " ".join([f"python -m benchmarks.{script}", *(last_part(word) for word in arguments)])


def last_part(word: str) -> str:
    """`/data/glue/SST-2` as `SST-2`; other words as they are."""
    return Path(word).name if "/" in word else word


def _code() -> str | None:
    """The git revision, with a word about changes that it does not hold."""
    found = revision()
    if found is None:
        return None
    asked = ["git", "-C", str(ROOT), "status", "--porcelain", "--", *CODE]
    changed = subprocess.run(asked, capture_output=True, text=True).stdout.strip()
    return f"{found}, with changes" if changed else found
