"""LiteRT (formerly TensorFlow Lite) with XNNPACK, its default on a processor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from converters.artefact import Artefact
from converters.graph_spec import TensorSpec
from edgebert.runtimes.in_process import InProcess
from edgebert.runtimes.runtime import RuntimeFailure, Session


class LiteRtSession:
    """A signature of a file in LiteRT."""

    def __init__(self, runner: Any) -> None:
        self.inputs = _specs(runner.get_input_details())
        self.outputs = _specs(runner.get_output_details())
        self._runner, self._output = runner, self.outputs[0].name

    def run(self, feeds: Mapping[str, np.ndarray]) -> np.ndarray:
        """Run once; the signature runner binds by name and refuses a missing or an unknown one."""
        found: np.ndarray = self._runner(**feeds)[self._output]
        return found


class LiteRt(InProcess):
    """LiteRT's interpreter."""

    name, formats = "litert", ("tflite",)
    module, package, extra = "ai_edge_litert.interpreter", "ai-edge-litert", "tflite"

    def open(self, path: Path, artefact: Artefact, threads: int) -> Session:
        """Open the artefact's signature with ``threads`` threads."""
        from ai_edge_litert.interpreter import Interpreter

        try:
            interpreter = Interpreter(model_path=str(path), num_threads=threads)
            return LiteRtSession(interpreter.get_signature_runner(artefact.signature))
        except (ValueError, RuntimeError) as error:
            raise RuntimeFailure(f"it cannot be opened: {error}") from error


def _specs(details: Mapping[str, Any]) -> tuple[TensorSpec, ...]:
    return tuple(
        TensorSpec(name, np.dtype(value["dtype"]).name, tuple(int(size) for size in value["shape"]))
        for name, value in details.items()
    )


RUNTIME = LiteRt()
