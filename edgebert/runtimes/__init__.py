"""Engines that run ONNX and TFLite files: one file an engine in `engines/`, one protocol for all.

Verify, profile and the benchmarks hand jobs to a `Runtime`; where and how it runs them is its own business. Importing
this loads no engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from edgebert import registry
from edgebert.errors import UserError
from edgebert.files import read_json, write_json
from edgebert.runtimes.jobs import Timed, TimeJob
from edgebert.runtimes.runtime import Runtime, RuntimeFailure

__all__ = ["LINEAGE", "USUAL", "Runtime", "RuntimeFailure", "choose", "for_format", "get", "names", "timed_once"]

ROOM = "runtimes/engines"
USUAL = {"onnx": "ort", "tflite": "litert"}
"""The engine of each file format when none is named."""

LINEAGE = {"onnx": ("ort",), "tflite": ("tflite-runtime", "tf", "litert")}
"""The engines of each file format, those of older code first."""


def names() -> list[str]:
    """Names of the engines that edgebert knows, installed or not."""
    return registry.names(ROOM)


def get(name: str) -> Runtime:
    """An engine by its name, the name of its file with dashes.

    Raises:
        UserError: for an unknown name, the nearest suggested.
    """
    if name not in names():
        near = get_close_matches(name, names(), n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(names())}."
        raise UserError(f"There is no runtime '{name}'.", hint)
    runtime: Runtime = registry.load(ROOM, name).RUNTIME
    return runtime


def choose(wanted: Sequence[str], file_format: str) -> list[Runtime]:
    """Those of the ``wanted`` engines that read a file format, in their order.

    Raises:
        UserError: if there is none, a name is unknown, or one is not installed.
    """
    found = [runtime for runtime in map(get, wanted) if file_format in runtime.formats]
    if not found:
        usual = USUAL[file_format]
        raise UserError(
            f"--runtimes {' '.join(wanted)}: none of them runs {file_format} files.",
            f"Add {usual}, or leave those files out with --formats.",
        )
    for runtime in found:
        runtime.version()
    return found


def for_format(file_format: str) -> Runtime:
    """The usual engine of a file format, "onnx" or "tflite"."""
    return get(USUAL[file_format])


def timed_once(job: TimeJob, path: Path) -> Timed:
    """What a process of the usual engine measures, kept in ``path``; what an earlier call left there is not redone."""
    if path.is_file():
        return Timed.from_dict(read_json(path))
    timed = for_format(job.files[0].artefact.format).time(job)
    write_json(path, timed.to_dict())
    return timed
