"""A run folder and its stages.

Each stage writes one folder. A stage is done when its folder holds a `stage.json` whose key is the hash of the
stage's settings and of the outputs of the stages before it: so a second run does nothing, a changed setting redoes
only what depends on it, and a killed stage goes on in its working folder (`.NAME.partial`).
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, is_dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from edgebert.errors import EdgebertError, UserError
from edgebert.files import read_json, sha256, write_json
from edgebert.memory import release

STAMP = "stage.json"
SCRATCH = "scratch"
"""What a stage writes into this folder of its own (checkpoints, tokenised rows) is gone when it is done."""
FULL_BYTES = 1 << 20
"""A disk with less space than this is full."""
LIBRARIES = (
    "edgebert",
    "torch",
    "transformers",
    "accelerate",
    "onnx",
    "onnxruntime",
    "litert-torch",
    "ai-edge-litert",
    "ai-edge-quantizer",
    "tokenizers",
    "numpy",
)


@dataclass(frozen=True)
class Stage:
    """A finished stage: where it is, and the digest of what it holds."""

    folder: Path
    digest: str


def run_stage(
    folder: Path,
    settings: Mapping[str, Any],
    after: Mapping[str, Stage],
    make: Callable[[Path], None],
    again: Callable[[], None] = lambda: None,
    unread: Collection[str] = (),
) -> Stage:
    """Make a stage's folder, unless it already holds the result of these settings on these inputs.

    Args:
        folder: the stage's folder; its name is the stage's name.
        settings: what the result depends on beside the stages before; dataclasses and JSON values.
        after: the stages whose outputs this one reads.
        make: writes the outputs into the folder it is given. A killed `make` finds that folder as it left it.
        again: called just before work starts, to tell the user which stage it is.
        unread: names of outputs for the user's eyes, which no later stage reads: a change of them redoes nothing.

    Raises:
        UserError: if an output was changed after it was written.
    """
    key = _digest({"settings": settings, "after": {name: stage.digest for name, stage in after.items()}})
    work = folder.with_name(f".{folder.name}.partial")
    if (killed := read_stamp(work)) and killed["key"] == key:
        _swap(work, folder)  # finished, and killed just before it took its place
    stamp = read_stamp(folder)
    if stamp and stamp["key"] == key:
        _check_outputs(folder, stamp["outputs"])
        return Stage(folder, stamp["digest"])

    again()
    if _key_of(work) != key:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        write_json(work / "key.json", key)
    started = time.time()
    with _full_disk_named(work):
        make(work)
    release()
    shutil.rmtree(work / SCRATCH, ignore_errors=True)

    outputs = {str(p.relative_to(work)): sha256(p) for p in sorted(work.rglob("*")) if p.is_file()}
    outputs.pop("key.json")
    digest = _digest({name: found for name, found in outputs.items() if name not in unread})
    write_json(work / STAMP, {
        "key": key, "digest": digest, "settings": _plain(settings), "seconds": round(time.time() - started, 1),
        "versions": versions(), "revision": revision(), "machine": machine(), "outputs": outputs,
    })  # fmt: skip
    (work / "key.json").unlink()
    _swap(work, folder)
    return Stage(folder, digest)


def read_stamp(folder: Path) -> dict[str, Any] | None:
    """What `run_stage` wrote down beside a stage's outputs; None when the stage is not done."""
    path = folder / STAMP
    return dict(read_json(path)) if path.is_file() else None


def stage_at(folder: Path, verb: str) -> Stage:
    """A finished stage of an earlier verb.

    Raises:
        UserError: if it is not there; ``verb`` is the command that makes it.
    """
    stamp = read_stamp(folder)
    if stamp is None:
        raise UserError(f"{folder} is not there: the step before has not been run.", f"Run: edgebert {verb}")
    return Stage(folder, stamp["digest"])


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that make the numbers, those that are installed."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


@cache
def machine() -> dict[str, Any]:
    """The machine in words: processor, cores, operating system."""
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text(encoding="utf-8", errors="replace").splitlines()
        processor = next((x.split(":", 1)[1].strip() for x in lines if x.startswith("model name")), processor)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"processor": processor, "cores": cores, "system": platform.platform()}


@cache
def revision() -> str | None:
    """The git revision of edgebert's own code, when it runs from a checkout."""
    here = Path(__file__).resolve().parent
    if not (here.parent / ".git").exists():
        return None
    found = subprocess.run(["git", "-C", str(here), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return found.stdout.strip() or None


def _check_outputs(folder: Path, outputs: Mapping[str, str]) -> None:
    for name, digest in outputs.items():
        path = folder / name
        if not path.is_file() or sha256(path) != digest:
            raise UserError(
                f"{path} was changed or removed after edgebert wrote it.",
                f"Delete the folder {folder} to make it again.",
            )


@contextmanager
def _full_disk_named(work: Path) -> Iterator[None]:
    """Say so where a library fails on a full disk: many do it in words of their own."""
    try:
        yield
    except (EdgebertError, OSError, KeyboardInterrupt):
        raise
    except Exception as error:
        free = shutil.disk_usage(work).free
        if free > FULL_BYTES:
            raise
        raise EdgebertError(
            f"{work}: writing failed ({type(error).__name__}), and the disk has only {free // 1024} kB of space left.",
            "Make room; the same command goes on.",
        ) from error


def _swap(work: Path, folder: Path) -> None:
    """Put ``work`` in the place of ``folder``; a kill in between leaves a finished folder under either name."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    work.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _key_of(work: Path) -> str | None:
    path = work / "key.json"
    return str(read_json(path)) if path.is_file() else None


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)  # a recipe writes 2, a command line reads 2.0: the same setting
    return str(value) if isinstance(value, Path) else value


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(_plain(value), sort_keys=True).encode()).hexdigest()
