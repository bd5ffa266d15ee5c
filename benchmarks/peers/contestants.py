"""Who takes part: each variant of each engine, its files made once and kept, and why others do not."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers import engine, environments
from benchmarks.peers.engine import JOB, OWN, Job, Variant
from benchmarks.peers.server import EngineFailure, Worker
from edgebert import console
from edgebert.files import read_json, write_json
from edgebert.runtimes.environment import home

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Contestant:
    """A variant of an engine whose files are there.

    Attributes:
        model: name of the family.
        engine: name of the engine.
        variant: of it.
        folder: of its files.
    """

    model: str
    engine: str
    variant: str
    folder: Path

    @property
    def of(self) -> Variant:
        """Its setting."""
        return engine.load(self.engine).VARIANTS[self.variant]

    def open(self, variables: Mapping[str, str], threads: int, rows: Path) -> Worker:
        """A process that serves it; its first answer comes when it is open."""
        return Worker("serve", self.engine, self.variant, self.folder, variables, threads, str(rows), str(threads))


@dataclass(frozen=True)
class Absent:
    """A variant that takes no part.

    Attributes:
        engine: name of the engine.
        variant: of it.
        reason: what went wrong, or why it has no way for the model.
        failed: whether something went wrong.
    """

    engine: str
    variant: str
    reason: str
    failed: bool


def variants(engines: Sequence[str]) -> list[tuple[str, str]]:
    """All variants of engines: the engine's name, and the variant's."""
    return [(name, variant) for name in engines for variant in engine.load(name).VARIANTS]


def build(
    model: str, asked: Sequence[tuple[str, str]], job: Job, folder: Path, variables: Mapping[str, str]
) -> tuple[list[Contestant], list[Absent]]:
    """Make all files of a model; what was made of the same job, by the same code, stays.

    Args:
        model: name of the family.
        asked: variants of engines, see `variants`.
        job: what they make their files of.
        folder: a folder an engine is made in it.
        variables: environment variables of the processes, see `edgebert.runtimes.environment.variables`.
    """
    present: list[Contestant] = []
    absent: list[Absent] = []
    for name, variant in console.track(asked, f"building {model}"):
        if (why := environments.failure(engine.load(name).ENVIRONMENT)) is not None:
            absent.append(Absent(name, variant, why, failed=True))
            continue
        found = _built(name, variant, job, folder / name, variables)
        if "seconds" in found:
            present.append(Contestant(model, name, variant, folder / name))
        else:
            absent.append(Absent(name, variant, found.get("not_applicable") or found["failure"], "failure" in found))
    return present, absent


def stamp(one: Contestant) -> str:
    """What tells a contestant's files from those of other weights, code or versions."""
    return f"{one.model} {one.engine} {one.variant} {read_json(_record(one.folder, one.variant))['key']}"


def _record(folder: Path, variant: str) -> Path:
    return folder / f"{variant}.built.json"


def _built(name: str, variant: str, job: Job, folder: Path, variables: Mapping[str, str]) -> dict[str, Any]:
    key, record = _key(name, job), _record(folder, variant)
    found: dict[str, Any] = read_json(record) if record.is_file() else {}
    if found.get("key") != key:
        _forget(folder, key)
        asked = folder / JOB
        write_json(asked, job.to_dict())
        worker = Worker("build", name, variant, folder, variables, max(job.threads), str(asked.resolve()))
        try:
            found = {"key": key, **worker.answer()}
        except EngineFailure as failure:
            found = {"key": key, "failure": failure.what.replace(str(home()), "~")}  # of no use elsewhere
            console.warn(failure.what)
        finally:
            worker.close()
        write_json(record, found)
    return found


def _forget(folder: Path, key: str) -> None:
    """Remove the files of another job or other code, which the engine would take for its own."""
    of = folder / "key.txt"
    if of.is_file() and of.read_text(encoding="utf-8") != key:
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    of.write_text(key, encoding="utf-8")


def _key(name: str, job: Job) -> str:
    """A digest of everything that an engine's files come from."""
    module = engine.load(name)
    parts = [json.dumps(job.to_dict()), Path(str(module.__file__)).read_text(encoding="utf-8")]  # type: ignore[attr-defined]
    if module.ENVIRONMENT:
        parts += environments.environment(module.ENVIRONMENT).requirements
    if name == OWN:
        code = sorted(path for package in ("converters", "edgebert") for path in (ROOT / package).rglob("*.py"))
        parts += [path.read_text(encoding="utf-8") for path in code]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
