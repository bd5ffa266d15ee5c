"""ONNX Runtime on the processor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from converters.artefact import Artefact
from converters.graph_spec import TensorSpec
from edgebert.runtimes.in_process import InProcess
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

    def open(self, path: Path, artefact: Artefact, threads: int) -> tuple[Session, ...]:
        """Open a file with ``threads`` threads inside an operator, operators one after another."""
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
        options.log_severity_level = 3
        # Threads may spin inside a call, as in an app, but not after it: nothing else is slowed down.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        try:
            return (OrtSession(ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])),)
        except Exception as error:  # the classes it raises are not part of its documented interface
            raise RuntimeFailure(f"it cannot be opened: {error}") from error


def _spec(node: Any) -> TensorSpec:
    dtype: Any = DTYPES.get(node.type, node.type)
    return TensorSpec(node.name, dtype, tuple(size if isinstance(size, int) else str(size) for size in node.shape))


RUNTIME = Ort()
