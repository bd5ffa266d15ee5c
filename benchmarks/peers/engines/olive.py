"""Olive's automatic path: its own choice of passes for ONNX Runtime on a processor."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from benchmarks.peers import sessions
from benchmarks.peers.engine import Job, NotApplicable, Session, Variant

DOCUMENTED = "https://microsoft.github.io/Olive/how-to/cli/cli-optimize.html"
ENVIRONMENT = "olive"
SERVED_IN = ENVIRONMENT
EXPORTER = "torchscript_exporter"
"""Left to itself it takes that of onnxruntime-genai, which is for language models that generate."""
VARIANTS = {
    precision: Variant(
        precision,
        f"olive optimize --exporter {EXPORTER} --device cpu --provider CPUExecutionProvider --precision {precision}",
        DOCUMENTED,
    )
    for precision in ("fp32", "int8")
}


def build(variant: str, job: Job, folder: Path) -> None:
    """What one command makes."""
    if not job.classes:
        raise NotApplicable("transformers has no class for it")
    command = [
        "olive", "optimize", "--model_name_or_path", str(job.checkpoint), "--task", "text-classification",
        "--exporter", EXPORTER, "--device", "cpu", "--provider", "CPUExecutionProvider", "--precision", variant,
        "--output_path", str(_made(variant, folder)), "--disable_telemetry",
    ]  # fmt: skip
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder)
    if done.returncode or not list(_made(variant, folder).rglob("*.onnx")):
        raise RuntimeError(f"olive ended with code {done.returncode}: {_error(done.stdout)}")


def open(variant: str, folder: Path, threads: int) -> Session:
    """The one ONNX file that it left."""
    (path,) = _made(variant, folder).rglob("*.onnx")
    return sessions.onnx(path, threads)


def _error(output: str) -> str:
    """The last line that names an error; else the last lines of all."""
    named = re.findall(r"^\w+(?:Error|Exception): .*", output, re.MULTILINE)
    return named[-1] if named else output[-800:]


def _made(variant: str, folder: Path) -> Path:
    """Not named as the precision: Olive takes `int8` for a folder where there is one."""
    return folder / f"made-{variant}"
