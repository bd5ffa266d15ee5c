"""The other side of a worker: started, asked, and stopped in its tracks while others are timed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.peers import engine, environments
from edgebert.errors import EdgebertError

STDERR_LINES = 5
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class EngineFailure(EdgebertError):
    """An engine ended, or said why it cannot go on."""


class Worker:
    """A process of `benchmarks.peers.worker`.

    Args:
        verb: of the worker.
        name: of the engine.
        variant: of that engine.
        folder: of its files; what it prints is kept there.
        variables: its environment variables, from `edgebert.runtimes.environment.variables`.
        threads: that its libraries may use.
        more: arguments of the verb.
    """

    def __init__(
        self, verb: str, name: str, variant: str, folder: Path, variables: Mapping[str, str], threads: int, *more: str
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        of = engine.load(name)
        interpreter = environments.interpreter(of.ENVIRONMENT if verb == "build" else of.SERVED_IN)
        self._log = folder / f"{verb}-{variant}.log"
        found = {
            **variables, **dict.fromkeys(THREADS, str(threads)), "HF_HUB_OFFLINE": "1",
            "PATH": f"{interpreter.parent}{os.pathsep}{variables['PATH']}",  # some call tools of their own by name
        }  # fmt: skip
        command = [str(interpreter), "-m", "benchmarks.peers.worker", verb, name, variant, str(folder.resolve()), *more]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=found, cwd=folder, text=True
            )
        self.what = f"{name} {variant}"

    def answer(self) -> dict[str, Any]:
        """The next answer.

        Raises:
            EngineFailure: if it is a failure, or never comes.
        """
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            tail = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-STDERR_LINES:]
            raise EngineFailure(f"{self.what}: ended with code {self._process.wait()}. {' '.join(tail)}")
        found: dict[str, Any] = json.loads(line)
        if "failure" in found:
            raise EngineFailure(f"{self.what}: {found['failure']}")
        return found

    def ask(self, **question: Any) -> dict[str, Any]:
        """Let it run, ask, and stop it again: it takes no time from those that are asked after it."""
        assert self._process.stdin
        self._process.send_signal(signal.SIGCONT)
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # its last words are the answer
        found = self.answer()
        self.pause()
        return found

    def pause(self) -> None:
        """Stop all of its threads, those that spin in wait for work among them."""
        self._process.send_signal(signal.SIGSTOP)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
