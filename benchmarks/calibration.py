"""Calibration of a model of one layer on made-up rows, for `benchmarks.memory`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from converters.artefact import load_list
from converters.graph_spec import Format
from edgebert.quantize.ranges import write_ranges

VOCABULARY, LENGTH = 400, 16


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


def calibrate(folder: Path, format: Format, count: int) -> None:
    """Calibrate the file of a format that `write_model` left in ``folder`` on ``count`` rows."""
    file = next(file for file in load_list(folder) if file.format == format)
    write_ranges(folder / file.path, file, lambda length: rows(count, length), folder / f"{format}-{count}.json")


def rows(count: int, length: int | None) -> Iterator[dict[str, np.ndarray]]:
    """Random rows, made as they are asked for."""
    random = np.random.default_rng(0)
    for _ in range(count):
        tokens = int(random.integers(4, LENGTH + 1))
        ids, mask = np.zeros((2, 1, length or tokens), np.int32)
        ids[0, :tokens], mask[0, :tokens] = random.integers(5, VOCABULARY, tokens), 1
        yield {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
