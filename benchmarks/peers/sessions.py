"""Opening the two file formats, the same way for every engine that makes such files."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.engine import Feeds, Session


def onnx(path: Path, threads: int) -> Session:
    """A file of any length in ONNX Runtime."""
    session = ort_session(path, threads)
    dtypes = {node.name: np.int64 if node.type == "tensor(int64)" else np.int32 for node in session.get_inputs()}

    def prepare(feeds: Feeds) -> dict[str, np.ndarray]:
        return {name: feeds[name].astype(dtype) for name, dtype in dtypes.items()}

    return Session((), prepare, lambda feeds: np.asarray(session.run(None, feeds)[0]))


def ort_session(path: Path, threads: int) -> Any:
    """A file in ONNX Runtime, all of its graph optimisations on, which is its default."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads, options.log_severity_level = threads, 1, 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def tflite(paths: dict[int, Path], threads: int) -> Session:
    """Files of one length each, with one signature or none, in LiteRT with XNNPACK, its default."""
    opened = {length: interpreter(path, threads) for length, path in paths.items()}
    return _by_length({
        length: _Signature(one, None) if one.get_signature_list() else _Graph(one) for length, one in opened.items()
    })  # fmt: skip


def tflite_signatures(path: Path, threads: int) -> Session:
    """A file with a signature for each length, in LiteRT with XNNPACK, which packs the weights once for all of them."""
    from ai_edge_litert.compiled_model import CompiledModel
    from ai_edge_litert.cpu_options import CpuOptions
    from ai_edge_litert.hardware_accelerator import HardwareAccelerator
    from ai_edge_litert.options import Options

    with tempfile.TemporaryDirectory(prefix="edgebert-") as folder:  # what is mapped from there stays
        cpu = CpuOptions(num_threads=threads, xnnpack_weight_cache_path=f"{folder}/weights")
        model = CompiledModel.from_file(str(path), options=Options(HardwareAccelerator.CPU, cpu_options=cpu))
    signatures = [_Compiled(model, name) for name in model.get_signature_list()]
    return _by_length({signature.length: signature for signature in signatures})


def interpreter(path: Path, threads: int) -> Any:
    """A file in LiteRT with XNNPACK, its default."""
    from ai_edge_litert.interpreter import Interpreter

    return Interpreter(model_path=str(path), num_threads=threads)


class _Signature:
    """A function of a TFLite file."""

    def __init__(self, interpreter: Any, name: str | None) -> None:
        self._runner = interpreter.get_signature_runner(name)
        self._inputs = dict(sorted(self._runner.get_input_details().items()))
        (self._output,) = self._runner.get_output_details()

    def prepare(self, feeds: Feeds) -> dict[str, np.ndarray]:
        return _bound(self._inputs, feeds)

    def run(self, feeds: dict[str, np.ndarray]) -> np.ndarray:
        return np.asarray(self._runner(**feeds)[self._output])


class _Compiled:
    """A function of a TFLite file, in the API that shares packed weights."""

    def __init__(self, model: Any, name: str) -> None:
        self._model, self._name = model, name
        details = dict(sorted(model.get_input_tensor_details(name).items()))
        self._inputs = {one: {**of, "dtype": np.int32} for one, of in details.items()}
        self.length = int(next(iter(details.values()))["shape"][-1])
        ((output, written),) = model.get_output_tensor_details(name).items()
        self._shape = tuple(map(int, written["shape"]))
        self._from = {one: model.create_input_buffer_by_name(name, one) for one in details}
        self._to = {output: model.create_output_buffer_by_name(name, output)}

    def prepare(self, feeds: Feeds) -> dict[str, np.ndarray]:
        return _bound(self._inputs, feeds)

    def run(self, feeds: dict[str, np.ndarray]) -> np.ndarray:
        for name, value in feeds.items():
            self._from[name].write(value)
        self._model.run_by_name(self._name, self._from, self._to)
        (written,) = self._to.values()
        return np.asarray(written.read(int(np.prod(self._shape)), np.float32)).reshape(self._shape)


class _Graph:
    """The only graph of a TFLite file without signatures."""

    def __init__(self, interpreter: Any) -> None:
        interpreter.allocate_tensors()
        self._interpreter = interpreter
        self._inputs = {one["name"]: one for one in interpreter.get_input_details()}
        (self._output,) = interpreter.get_output_details()

    def prepare(self, feeds: Feeds) -> dict[str, np.ndarray]:
        return _bound(self._inputs, feeds)

    def run(self, feeds: dict[str, np.ndarray]) -> np.ndarray:
        for name, value in feeds.items():
            self._interpreter.set_tensor(self._inputs[name]["index"], value)
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._output["index"]))


def _bound(inputs: dict[str, dict[str, Any]], feeds: Feeds) -> dict[str, np.ndarray]:
    """Feeds by the inputs' own names: those that hold a known name or, where these say nothing, in order."""
    places = [next((known for known in feeds if known in name), None) for name in inputs]
    known = places if all(places) else [name for name in feeds][: len(places)]
    return {
        name: feeds[str(of)].astype(details["dtype"])
        for (name, details), of in zip(inputs.items(), known, strict=True)
    }  # fmt: skip


_Function = _Signature | _Graph | _Compiled


def _by_length(signatures: Mapping[int, _Function]) -> Session:
    def prepare(feeds: Feeds) -> tuple[_Function, dict[str, np.ndarray]]:
        signature = signatures[feeds["input_ids"].shape[1]]
        return signature, signature.prepare(feeds)

    return Session(tuple(sorted(signatures)), prepare, lambda ready: ready[0].run(ready[1]))
