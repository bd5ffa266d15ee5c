"""ONNX Runtime on the processor."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from converters.artefact import Artefact
from converters.graph_spec import TensorSpec
from edgebert.files import read_json
from edgebert.runtimes.in_process import InProcess
from edgebert.runtimes.jobs import OperatorTime, TimeJob
from edgebert.runtimes.runtime import RuntimeFailure, Session

DTYPES = {"tensor(int32)": "int32", "tensor(float)": "float32"}


class OrtSession:
    """A file in ONNX Runtime."""

    def __init__(self, session: Any) -> None:
        self.inputs = tuple(_spec(node) for node in session.get_inputs())
        self.outputs = tuple(_spec(node) for node in session.get_outputs())
        self._session, self._output = session, [self.outputs[0].name]

    def run(self, feeds: Mapping[str, np.ndarray]) -> np.ndarray:
        """Run once; ONNX Runtime binds by name and refuses a missing or an unknown one."""
        found: np.ndarray = self._session.run(self._output, feeds)[0]
        return found


class Ort(InProcess):
    """ONNX Runtime's processor provider with its own graph optimisations."""

    name, formats = "ort", ("onnx",)
    module, package, extra = "onnxruntime", "onnxruntime", "onnx"
    tells_operators = True

    def open(self, path: Path, artefact: Artefact, threads: int) -> tuple[Session, ...]:
        """Open a file with ``threads`` threads inside an operator, operators one after another."""
        return (OrtSession(_open(path, _options(threads))),)

    def trace(self, job: TimeJob, feeds: Mapping[str, np.ndarray]) -> list[OperatorTime]:
        """Sum up the kernel times in ONNX Runtime's own profile of the calls after the warm-up."""
        (file,) = job.files
        with tempfile.TemporaryDirectory(prefix="edgebert-") as folder:
            session = profiled(file.path, job.threads, Path(folder))
            for _ in range(job.warmup + job.calls):
                session.run(None, feeds)
            found = kernels(session)
        times: dict[str, list[tuple[float, ...]]] = {}
        for one in found:
            times.setdefault(one.operator, []).append(one.ms)
        return [
            OperatorTime(name, len(nodes), sum(sum(ms[job.warmup :]) for ms in nodes) / job.calls)
            for name, nodes in times.items()
        ]


@dataclass(frozen=True)
class Kernel:
    """A node of a graph as ONNX Runtime runs it, its fusions done.

    Attributes:
        operator: its kind.
        inputs: shapes of what goes in at the first call; of constants that were packed, nothing is told.
        outputs: shapes of what comes out.
        ms: in each call, in order; whole microseconds.
    """

    operator: str
    inputs: tuple[tuple[int, ...], ...]
    outputs: tuple[tuple[int, ...], ...]
    ms: tuple[float, ...]


def profiled(path: Path, threads: int, folder: Path) -> Any:
    """ONNX Runtime's own session of a file, which keeps its profile in ``folder`` until `kernels` reads it."""
    options = _options(threads)
    options.enable_profiling, options.profile_file_prefix = True, str(folder / "ort")
    return _open(path, options)


def kernels(session: Any) -> list[Kernel]:
    """Every node that a `profiled` session ran, in the order of the first call; ends the profile."""
    found: dict[str, list[Any]] = {}
    for event in read_json(Path(session.end_profiling())):
        if event["cat"] == "Node" and event["name"].endswith("_kernel_time"):
            found.setdefault(event["name"], []).append(event)
    return [
        Kernel(
            events[0]["args"]["op_name"], _shapes(events[0], "input"), _shapes(events[0], "output"),
            tuple(event["dur"] / 1e3 for event in events),
        )
        for events in found.values()
    ]  # fmt: skip


def _shapes(event: Any, side: str) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(shape) for typed in event["args"][f"{side}_type_shape"] for shape in typed.values())


def optimised(path: Path, folder: Path) -> Path:
    """Write what ONNX Runtime makes of a file before it runs it, its fusions done, into ``folder``; gives the file.

    Large constants go to a file beside it.

    Raises:
        UserError: if ONNX Runtime is not installed.
        RuntimeFailure: if it cannot open the file.
    """
    RUNTIME.version()
    options, made = _options(1), folder / path.name
    options.optimized_model_filepath = str(made)
    options.add_session_config_entry("session.optimized_model_external_initializers_file_name", f"{made.name}.data")
    options.add_session_config_entry("session.optimized_model_external_initializers_min_size_in_bytes", "4096")
    _open(path, options)
    return made


def _options(threads: int) -> Any:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    # Threads may spin inside a call, as in an app, but not after it: nothing else is slowed down.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return options


def _open(path: Path, options: Any) -> Any:
    import onnxruntime as ort

    try:
        return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the classes it raises are not part of its documented interface
        raise RuntimeFailure(f"it cannot be opened: {error}") from error


def _spec(node: Any) -> TensorSpec:
    dtype: Any = DTYPES.get(node.type, node.type)
    return TensorSpec(node.name, dtype, tuple(size if isinstance(size, int) else str(size) for size in node.shape))


RUNTIME = Ort()
