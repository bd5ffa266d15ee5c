"""Making the environment of an engine that cannot live beside edgebert: whole, or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from edgebert import console, runtimes
from edgebert.errors import EdgebertError, UserError
from edgebert.files import write_json
from edgebert.runtimes import mediapipe
from edgebert.runtimes.environment import RECORD, Environment
from edgebert.runtimes.in_process import InProcess

LAST_LINES = 8


def setup(name: str) -> Path:
    """Make a runtime's environment; one that is there with the same versions is left as it is.

    It is made in a folder beside its own and takes its place when its library could be imported: what a killed call
    left is never used, and the next one starts from nothing.

    Returns:
        Its folder.

    Raises:
        UserError: if there is no such runtime, or it needs no environment, or a Python that is not here.
        EdgebertError: if pip fails, with its last words.
    """
    environment, module = _wanted(name)
    make(environment, module)
    console.say(f"{environment.name} {environment.version(environment.package)} is set up in {environment.folder}.")
    return environment.folder


def _wanted(name: str) -> tuple[Environment, str]:
    """An environment, and what must be importable in it."""
    if name == mediapipe.ENVIRONMENT.name:
        return mediapipe.ENVIRONMENT, mediapipe.MODULE
    engine = runtimes.get(name)
    assert isinstance(engine, InProcess)
    if engine.environment is None:
        raise UserError(
            f"The runtime {engine.name} needs no environment of its own.",
            f"Install it with: pip install 'edgebert[{engine.extra}]'",
        )
    return engine.environment, engine.module


def make(environment: Environment, module: str) -> None:
    """Make an environment in which ``module`` can be imported, see `setup`.

    Raises:
        UserError: if it needs a Python that is not here.
        EdgebertError: if pip fails, with its last words.
    """
    folder = environment.folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f".{environment.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second set-up waits, and finds it done
        if environment.record:
            return
        work = folder.with_name(f".{environment.name}.partial")
        if work.exists():
            console.say("An earlier set-up was interrupted; starting again.")
            shutil.rmtree(work)
        _make(environment, module, work)
        _readdress(work, folder)
        shutil.rmtree(folder, ignore_errors=True)
        work.rename(folder)


def _readdress(work: Path, folder: Path) -> None:
    """Let the scripts that pip wrote begin with the Python that will be in ``folder``."""
    before, after = (b"#!%s/bin/" % os.fsencode(path) for path in (work, folder))
    for script in (work / "bin").iterdir():
        if script.is_file() and not script.is_symlink() and (text := script.read_bytes()).startswith(before):
            script.write_bytes(after + text.removeprefix(before))


def _make(environment: Environment, module: str, work: Path) -> None:
    steps = {
        "making an environment": [_python(environment), "-m", "venv", str(work)],
        f"installing {' '.join(environment.requirements)}": [
            str(work / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            *environment.requirements,
        ],
        "trying it": [str(work / "bin" / "python"), "-c", f"import {module}"],
    }  # fmt: skip
    for what, command in steps.items():
        console.say(f"  {what} ...")
        _run(what, command)
    pinned = (requirement.split("==") for requirement in environment.requirements)
    write_json(
        work / RECORD, {"requirements": list(environment.requirements), "versions": {name: v for name, v in pinned}}
    )


def _python(environment: Environment) -> str:
    wanted = environment.python
    if wanted in (None, f"{sys.version_info.major}.{sys.version_info.minor}"):
        return sys.executable
    found = shutil.which(f"python{wanted}")
    if found is None:
        raise UserError(
            f"The runtime {environment.name} needs Python {wanted}, and there is no python{wanted} here.",
            f"Install Python {wanted} beside this one, and run the same command again.",
        )
    return found


def _run(what: str, command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stderr or done.stdout).strip().splitlines()[-LAST_LINES:])
        raise EdgebertError(
            f"{what[0].upper()}{what[1:]} failed:\n{said}", "Mend that, and run the same command again."
        )
