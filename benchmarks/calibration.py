"""Memory of calibration against the number of rows: `python -m benchmarks.calibration 20000 200000`.

A model of one layer on made-up rows, each count and format in a process of its own: growth of its peak resident memory,
the quantiser's libraries included.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from converters.artefact import load_list
from edgebert import console
from edgebert.quantize.ranges import write_ranges
from edgebert.runtimes.meter import PeakMemory

VOCABULARY, LENGTH = 400, 16


def main(counts: list[int]) -> None:
    """Print a table of growths of the peak, MiB."""
    with tempfile.TemporaryDirectory(prefix="edgebert-") as name:
        write_model(Path(name))
        found = []
        for file in load_list(Path(name)):
            for count in counts:
                command = [sys.executable, "-m", "benchmarks.calibration", "--one", name, file.format, str(count)]
                told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                found.append((file.format, f"{count:,}", f"{told['peak']:.0f}", f"{told['seconds']:.0f}"))
    console.table("calibration", ("format", "rows", "MiB", "seconds"), found)


def write_model(folder: Path) -> None:
    """An ONNX and a TFLite file of random weights, with their list."""
    from transformers import BertConfig, BertForSequenceClassification

    from edgebert.convert import write_files
    from edgebert.models.huggingface import HuggingFaceModel
    from edgebert.recipes.options import ConvertOptions

    shape = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    config = BertConfig(vocab_size=VOCABULARY, max_position_embeddings=LENGTH, num_labels=2, **shape)
    model = HuggingFaceModel(BertForSequenceClassification(config).eval())
    write_files(model, "tiny", 2, ConvertOptions(lengths=(LENGTH,)), folder)


def one(folder: Path, format: str, count: int) -> None:
    """Calibrate one file on ``count`` rows in this process and print its peak memory as JSON."""
    file = next(file for file in load_list(folder) if file.format == format)
    started, memory = time.perf_counter(), PeakMemory()
    path = folder / f"{format}-{count}.json"
    write_ranges(folder / file.path, file, lambda length: rows(count, length), path)
    sys.stdout.write(json.dumps({"peak": memory.growth_mb(), "seconds": time.perf_counter() - started}) + "\n")


def rows(count: int, length: int | None) -> Iterator[dict[str, np.ndarray]]:
    """Random rows, made as they are asked for."""
    random = np.random.default_rng(0)
    for _ in range(count):
        tokens = int(random.integers(4, LENGTH + 1))
        ids, mask = np.zeros((2, 1, length or tokens), np.int32)
        ids[0, :tokens], mask[0, :tokens] = random.integers(5, VOCABULARY, tokens), 1
        yield {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        one(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
    else:
        main([int(count) for count in sys.argv[1:]])
