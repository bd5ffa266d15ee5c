"""onnx2tf: the plain ONNX export through TensorFlow to TFLite, a file for each length."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from benchmarks.peers import sessions
from benchmarks.peers.engine import Job, Session, Variant

DOCUMENTED = "https://github.com/PINTO0309/onnx2tf/blob/main/README.md"
ENVIRONMENT = "onnx2tf"
SERVED_IN = None
VARIANTS = {
    "fp32": Variant("fp32", "onnx2tf -ois ... -rtpo Erf -osd; LiteRT, XNNPACK", DOCUMENTED),
    "int8": Variant("int8", "onnx2tf -ois ... -rtpo Erf -osd -odrqt (dynamic range); LiteRT, XNNPACK", DOCUMENTED),
}
FILES = {"fp32": "*_float32.tflite", "int8": "*_dynamic_range_quant.tflite"}


def build(variant: str, job: Job, folder: Path) -> None:
    """A folder a length, with both precisions."""
    for length in job.lengths:
        made = folder / str(length)
        if made.exists():
            continue
        work = folder / f"{length}.partial"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        source = work / "model.onnx"
        shutil.copyfile(job.onnx, source)  # it writes over what it reads
        shapes = [f"{name}:1,{length}" for name in job.inputs]
        command = ["onnx2tf", "-i", str(source), "-o", str(work), "-ois", *shapes, "-rtpo", "Erf", "-osd", "-odrqt"]
        done = subprocess.run([*command, "-n"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise RuntimeError(f"onnx2tf ended with code {done.returncode}: {done.stdout[-500:]}")
        work.rename(made)


def open(variant: str, folder: Path, threads: int) -> Session:
    """The files of a variant."""
    found = {int(made.name): next(made.glob(FILES[variant])) for made in folder.iterdir() if made.name.isdigit()}
    return sessions.tflite(found, threads)
