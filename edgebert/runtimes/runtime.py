"""What every engine is, wherever it runs: in a Python library here, in another environment, on a phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from converters.artefact import Artefact
from converters.graph_spec import TensorSpec
from edgebert.errors import EdgebertError

if TYPE_CHECKING:
    import numpy as np

    from edgebert.runtimes.jobs import OperatorTime, RunJob, Timed, TimeJob


class RuntimeFailure(EdgebertError):
    """An engine could not run a file, or the file is not what was promised. Exit code 1."""


class Session(Protocol):
    """A function of a file, opened in an engine.

    Attributes:
        inputs: what the file itself says it takes.
        outputs: what the file itself says it gives.
    """

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]

    def run(self, feeds: Mapping[str, np.ndarray]) -> np.ndarray:
        """Run once.

        Args:
            feeds: int32 [batch, length] for every input, by name.

        Returns:
            float32 [batch, labels]: the file's one output.
        """


class Runtime(Protocol):
    """An engine that does jobs. A job is plain data, and so is its result: they may cross to another machine.

    Attributes:
        name: the name of the engine's file.
        formats: file formats it runs.
        tells_operators: whether it can say how long each operator takes.
    """

    name: str
    formats: tuple[str, ...]
    tells_operators: bool

    def version(self) -> str:
        """Version of the engine.

        Raises:
            UserError: if it is not installed, with the command that installs it.
        """

    def run(self, job: RunJob) -> None:
        """Write the file's output for every row to ``job.out``, a float32 .npy [rows, labels].

        Raises:
            RuntimeFailure: if the engine cannot run the file.
        """

    def time(self, job: TimeJob) -> Timed:
        """Time calls in a process that does nothing else.

        Raises:
            RuntimeFailure: if the engine cannot run the file.
        """

    def operators(self, job: TimeJob) -> tuple[OperatorTime, ...]:
        """What each kind of operator takes, by the engine's own profiler, the longest first.

        Args:
            job: one file with one entry; its first row is called ``calls`` times after ``warmup``.

        Raises:
            RuntimeFailure: if the engine cannot run the file, or does not tell.
        """


def check_session(session: Session, artefact: Artefact) -> None:
    """Hold a function's own inputs and output against what its artefact promises: names, dtypes, shapes, in any order.

    Args:
        session: the function.
        artefact: the file with that one entry.

    Raises:
        RuntimeFailure: at the first difference.
    """
    _check("inputs", session.inputs, artefact.inputs, artefact.path)
    _check("outputs", session.outputs, (artefact.output,), artefact.path)


def _check(what: str, found: Sequence[TensorSpec], promised: Sequence[TensorSpec], path: str) -> None:
    if {_key(spec) for spec in found} != {_key(spec) for spec in promised}:
        raise RuntimeFailure(f"{path}: its {what} are {_words(found)}, not {_words(promised)}.")


def _key(spec: TensorSpec) -> tuple[str, str, tuple[int | None, ...]]:
    """What two specs must share; a free size is a free size under any name."""
    return spec.name, spec.dtype, tuple(size if isinstance(size, int) else None for size in spec.shape)


def _words(specs: Sequence[TensorSpec]) -> str:
    return ", ".join(f"{s.name} {s.dtype} [{', '.join(str(size) for size in s.shape)}]" for s in specs) or "none"
