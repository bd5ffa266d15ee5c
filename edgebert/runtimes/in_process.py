"""Engines that are Python libraries: each job runs in a worker process of its own, and of its own Python if need be."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from converters.artefact import Artefact
from edgebert.errors import require
from edgebert.files import read_json, write_json
from edgebert.runtimes.environment import Environment, variables
from edgebert.runtimes.jobs import OperatorTime, RunJob, Timed, TimeJob
from edgebert.runtimes.runtime import RuntimeFailure, Session

if TYPE_CHECKING:
    import numpy as np

STDERR_LINES = 12


class InProcess(ABC):
    """Base of these engines: a subclass says which library it is and how it opens a file.

    A process of its own keeps one engine's threads, memory and crashes out of another's numbers.

    Attributes:
        name: the name of the engine's file.
        formats: file formats it runs.
        module: Python module to import.
        package: distribution that has the module.
        extra: extra of edgebert that installs it; "" where it has an environment.
        environment: where the library is, if not beside edgebert.
        tells_operators: whether `trace` works.
    """

    name: ClassVar[str]
    formats: ClassVar[tuple[str, ...]]
    module: ClassVar[str]
    package: ClassVar[str]
    extra: ClassVar[str] = ""
    environment: ClassVar[Environment | None] = None
    tells_operators: ClassVar[bool] = False

    @abstractmethod
    def open(self, path: Path, artefact: Artefact, threads: int) -> tuple[Session, ...]:
        """Open a file in this very process: a session for each of its entries, which share the weights."""

    def trace(self, job: TimeJob, feeds: Mapping[str, np.ndarray]) -> list[OperatorTime]:
        """Call the job's file with ``feeds`` under the engine's profiler, in this very process."""
        raise RuntimeFailure(f"{self.name} does not tell how long an operator takes.")

    def version(self) -> str:
        """Version of the installed library."""
        if self.environment:
            return self.environment.version(self.package)
        require(self.module.split(".")[0], self.extra)
        return metadata.version(self.package)

    def run(self, job: RunJob) -> None:
        """Write the file's output for every row to ``job.out``."""
        self._work("run", job.to_dict(), [job.file.artefact])

    def time(self, job: TimeJob) -> Timed:
        """Time calls in a process that does nothing else."""
        return Timed.from_dict(self._work("time", job.to_dict(), [file.artefact for file in job.files]))

    def operators(self, job: TimeJob) -> tuple[OperatorTime, ...]:
        """What each kind of operator takes, by the engine's own profiler, the longest first."""
        found = self._work("operators", job.to_dict(), [file.artefact for file in job.files])["operators"]
        return tuple(OperatorTime(**one) for one in found)

    def _work(self, kind: str, job: dict[str, Any], artefacts: list[Artefact]) -> dict[str, Any]:
        label = f"{self.name} {self.version()}, {', '.join(a.path for a in artefacts)}"
        with tempfile.TemporaryDirectory(prefix="edgebert-") as name:
            ask, answer, errors = (Path(name) / part for part in ("job.json", "answer.json", "stderr.txt"))
            write_json(ask, {"kind": kind, "engine": self.name, "job": job})
            python = str(self.environment.interpreter) if self.environment else sys.executable
            command = [python, "-m", "edgebert.runtimes.worker", str(ask), str(answer)]
            found_by = variables(Path(name)) if self.environment else None
            with errors.open("wb") as stderr:
                # The worker ends when its stdin does: none outlives a killed edgebert.
                worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=stderr, stderr=stderr, env=found_by)
                try:
                    code = worker.wait()
                finally:
                    worker.kill()
                    worker.wait()
            if not answer.is_file():
                tail = errors.read_text(encoding="utf-8", errors="replace").splitlines()[-STDERR_LINES:]
                raise RuntimeFailure(f"{label}: the engine's process ended with code {code}.", "\n".join(tail))
            found: dict[str, Any] = read_json(answer)
        if "failure" in found:
            raise RuntimeFailure(f"{label}: {found['failure']}")
        return found
