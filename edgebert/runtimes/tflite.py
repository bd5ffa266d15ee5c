"""The interpreter of TensorFlow Lite, which several packages have: one class for all, one engine file for each."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from converters.artefact import Artefact
from converters.graph_spec import TensorSpec
from edgebert.runtimes.in_process import InProcess
from edgebert.runtimes.runtime import RuntimeFailure, Session


class TfLiteSession:
    """A signature of a file."""

    def __init__(self, runner: Any) -> None:
        self.inputs = _specs(runner.get_input_details())
        self.outputs = _specs(runner.get_output_details())
        self._runner, self._output = runner, self.outputs[0].name

    def run(self, feeds: Mapping[str, np.ndarray]) -> np.ndarray:
        """Run once; the signature runner binds by name and refuses a missing or an unknown one."""
        found: np.ndarray = self._runner(**feeds)[self._output]
        return found


class TfLite(InProcess):
    """Base of the engines whose `module` has TensorFlow Lite's `Interpreter`."""

    formats = ("tflite",)

    def open(self, path: Path, artefact: Artefact, threads: int) -> tuple[Session, ...]:
        """Open the artefact's signatures in one interpreter with ``threads`` threads."""
        interpreter_class: Any = importlib.import_module(self.module).Interpreter
        try:
            interpreter = interpreter_class(model_path=str(path), num_threads=threads)
            return tuple(TfLiteSession(interpreter.get_signature_runner(one.signature)) for one in artefact.entries)
        except (ValueError, RuntimeError) as error:
            raise RuntimeFailure(f"it cannot be opened: {error}") from error


def _specs(details: Mapping[str, Any]) -> tuple[TensorSpec, ...]:
    return tuple(
        TensorSpec(name, np.dtype(value["dtype"]).name, tuple(int(size) for size in value["shape"]))
        for name, value in details.items()
    )
