"""TensorFlow's `benchmark_model` on a phone: a TFLite file and its inputs go there, times come back."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgebert.errors import UserError
from edgebert.runtimes.adb import Adb
from edgebert.runtimes.phone import Phone
from edgebert.runtimes.runtime import RuntimeFailure

WHERE = (
    "Android builds: https://storage.googleapis.com/tensorflow-nightly-public/prod/tensorflow/release/lite/tools/"
    "nightly/latest/android_aarch64_benchmark_model (https://www.tensorflow.org/lite/performance/measurement)"
)
"""Where TensorFlow's own documentation says it is."""
PROGRAM, REMOTE = "benchmark_model", "/data/local/tmp/edgebert"
FLAGS = {"gpu": "--use_gpu=true", "nnapi": "--use_nnapi=true", "xnnpack": "--use_xnnpack=true"}
"""What switches a delegate on."""
MAX_SECS = 60
"""Each phase of a benchmark, warm-up and timed calls, ends after so many seconds."""
SECONDS = 4.0 * MAX_SECS
NOT_EXECUTABLE, SIGNALS = 126, 128
"""Exit codes of the phone's shell: it cannot run the file; above the second, a signal ended it."""
TAIL_LINES = 8


@dataclass(frozen=True)
class PhoneJob:
    """One process of `benchmark_model`.

    Attributes:
        file: name of the TFLite file.
        signature: function to call, of a file with several; None for the only one.
        inputs: int32 [1, length] each, by name, in the order in which the file's graph lists them.
        threads: of the engine.
        delegate: "gpu", "nnapi" or "xnnpack"; None for what the engine does of itself.
        calls: timed calls, at least.
        warmup: calls before, at least.
        is_traced: whether it times every operator, which slows it down.
    """

    file: str
    signature: str | None
    inputs: Mapping[str, np.ndarray]
    threads: int
    delegate: str | None
    calls: int
    warmup: int
    is_traced: bool


class BenchmarkModel:
    """The program on a phone, in a folder of its own; see `installed`."""

    def __init__(self, adb: Adb, phone: Phone, program: Path, mask: str) -> None:
        self._adb, self._phone, self._program, self._mask = adb, phone, program, mask
        self._pushed: set[str] = set()

    def run(self, job: PhoneJob, file: Path, scratch: Path) -> str:
        """Time a file.

        Args:
            job: what to do.
            file: the TFLite file on this machine.
            scratch: folder on this machine for the inputs on their way.

        Returns:
            What the program printed.

        Raises:
            UserError: if the phone is full, or the program is not built for it or does not know a flag.
            RuntimeFailure: if it crashed, failed or did not end.
        """
        self._push(file, job.file)
        for name, values in job.inputs.items():
            path = scratch / _value_file(name, values)
            path.write_bytes(np.ascontiguousarray(values, "<i4").tobytes())
            self._push(path, path.name)
        command = f"cd {REMOTE} && taskset {self._mask} ./{PROGRAM} {' '.join(arguments(job))}"
        code, text = self._adb.shell(command, SECONDS)
        self._check(code, text, job)
        return text

    def _push(self, local: Path, name: str) -> None:
        if name not in self._pushed:
            self._adb.push(local, f"{REMOTE}/{name}")
            self._pushed.add(name)

    def _check(self, code: int, text: str, job: PhoneJob) -> None:
        what = f"benchmark_model on {self._phone.name}, {job.file}"
        if code == NOT_EXECUTABLE or "Exec format error" in text:
            raise UserError(
                f"{self._program} cannot run on {self._phone.name}: it is not built for {self._phone.abi}.", WHERE
            )
        if unknown := re.search(r"Unconsumed cmdline flags: (.+)", text):
            raise UserError(f"{self._program} does not know {unknown[1]}: the build is old, or without it.", WHERE)
        if code > SIGNALS:
            raise RuntimeFailure(f"{what}: the program was ended by {_signal(code - SIGNALS)}.", _tail(text))
        if code:
            raise RuntimeFailure(f"{what}: the program failed with code {code}.", _tail(text))


@contextmanager
def installed(adb: Adb, phone: Phone, program: Path, mask: str) -> Iterator[BenchmarkModel]:
    """Bring the program to a phone, and leave nothing there in the end.

    Args:
        adb: the phone.
        phone: what it is.
        program: `benchmark_model` on this machine, built for the phone.
        mask: cores that it is pinned to, as `taskset` takes them.

    Raises:
        UserError: if the phone is full.
    """
    adb.shell(f"rm -rf {REMOTE}; mkdir -p {REMOTE}")
    try:
        adb.push(program, f"{REMOTE}/{PROGRAM}")
        adb.shell(f"chmod 755 {REMOTE}/{PROGRAM}")
        yield BenchmarkModel(adb, phone, program, mask)
    finally:
        with suppress(RuntimeFailure):  # a phone that went away is tidied up by the next call
            adb.shell(f"rm -rf {REMOTE}")


def arguments(job: PhoneJob) -> Sequence[str]:
    """Command line of a job.

    Without values of its own the tool fills integer inputs with anything up to 99, which no type embedding has.
    """
    shapes = ":".join(",".join(map(str, values.shape)) for values in job.inputs.values())
    files = ",".join(f"{name}:{_value_file(name, values)}" for name, values in job.inputs.items())
    return [
        f"--graph={job.file}", f"--num_threads={job.threads}", f"--num_runs={job.calls}",
        f"--warmup_runs={job.warmup}", f"--max_secs={MAX_SECS}", f"--input_layer={','.join(job.inputs)}",
        f"--input_layer_shape={shapes}", f"--input_layer_value_files={files}",
        *([f"--signature_to_run_for={job.signature}"] if job.signature else []),
        *([FLAGS[job.delegate]] if job.delegate else []),
        *(["--enable_op_profiling=true"] if job.is_traced else []),
    ]  # fmt: skip


def _value_file(name: str, values: np.ndarray) -> str:
    return f"{name}-{values.shape[-1]}.bin"


def _signal(number: int) -> str:
    try:
        return f"{signal.Signals(number).name} ({signal.strsignal(number)})"
    except ValueError:
        return f"signal {number}"


def _tail(text: str) -> str:
    return "\n".join([line for line in text.splitlines() if line.strip()][-TAIL_LINES:])
