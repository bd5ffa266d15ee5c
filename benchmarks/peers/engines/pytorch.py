"""PyTorch: the module as it is, compiled, and with linear layers and LSTMs quantised at run time."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.engine import JOB, Feeds, Job, Session, Variant
from edgebert.files import read_json

ENVIRONMENT = None
SERVED_IN = ENVIRONMENT
VARIANTS = {
    "eager": Variant(
        "fp32", "eval, inference_mode, attention sdpa",
        "https://docs.pytorch.org/tutorials/recipes/recipes/tuning_guide.html",
    ),
    "compiled": Variant(
        "fp32", "torch.compile, inductor with freezing and cpp_wrapper: static at full length, dynamic for own lengths",
        "https://docs.pytorch.org/docs/stable/torch.compiler_inductor_profiling.html",
    ),
    "int8": Variant(
        "int8", "torch.ao.quantization.quantize_dynamic of Linear and LSTM, qint8, engine x86",
        "https://docs.pytorch.org/tutorials/recipes/recipes/dynamic_quantization.html",
    ),
}  # fmt: skip


def build(variant: str, job: Job, folder: Path) -> None:
    """Nothing is made but the kernels of `compiled`, which inductor keeps on disk."""
    if variant == "compiled":
        from edgebert.runtimes.token_file import TokenFile

        rows = TokenFile(job.calibration)
        for threads in job.threads:
            session = open(variant, folder, threads)
            for length in (job.lengths[-1], None):
                session.run(session.prepare(rows.feeds(0, length)))


def open(variant: str, folder: Path, threads: int) -> Session:
    """The module; a compiled one is made of the kernels that `build` left."""
    from edgebert.models.load import load

    torch: Any = importlib.import_module("torch")
    torch.set_num_threads(threads)
    job = Job.from_dict(read_json(folder / JOB))
    module: Any = load(job.checkpoint).model.eval()
    run = {"eager": lambda: module, "compiled": lambda: _compiled(module, job, folder), "int8": lambda: _int8(module)}
    call = run[variant]()

    def prepare(feeds: Feeds) -> dict[str, Any]:
        return {name: torch.from_numpy(feeds[name].astype(np.int64)) for name in job.inputs}

    def answer(ready: dict[str, Any]) -> np.ndarray:
        with torch.inference_mode():
            found: np.ndarray = call(**ready).logits.numpy()
        return found

    return Session((), prepare, answer)


def _compiled(module: Any, job: Job, folder: Path) -> Any:
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(folder / "inductor")
    torch: Any = importlib.import_module("torch")
    config: Any = importlib.import_module("torch._inductor.config")

    config.freezing, config.cpp_wrapper = True, True
    full, any_length = torch.compile(module, dynamic=False), torch.compile(module, dynamic=True)

    def call(**ready: Any) -> Any:
        is_full = ready["input_ids"].shape[1] == job.lengths[-1]
        return (full if is_full else any_length)(**ready)

    return call


def _int8(module: Any) -> Any:
    torch: Any = importlib.import_module("torch")
    torch.backends.quantized.engine = "x86"
    return torch.ao.quantization.quantize_dynamic(module, {torch.nn.Linear, torch.nn.LSTM}, dtype=torch.qint8)
