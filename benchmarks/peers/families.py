"""The models that are compared: untrained ones of the published shapes, for time does not depend on weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edgebert.files import atomic

STUDENTS = ("tinybert-4", "tinybert-6", "mobilebert", "mobilebert-tiny", "bilstm")
BERTS = {
    "bort": (4, 1024, 768, 16),  # de Wynter & Perry 2020, with heads of 64
    "bert-base": (12, 768, 3072, 12),  # Devlin et al. 2019
    "bert-large": (24, 1024, 4096, 16),
}
"""Layers, width, FFN and heads."""
PAIRS = (("mobilebert", "bert-base"), ("bort", "bert-large"), ("tinybert-4", "bert-base"))
"""A small model, and the large one that its paper holds it against."""
SIZES = "sizes"
"""The contest of these pairs, in edgebert's files and in PyTorch."""
NAMES = ("tinybert-4", "tinybert-6", "distilbert", "bort", "bert-base", "mobilebert", "bilstm")
"""Those that every engine runs."""


def write(name: str, folder: Path) -> Path:
    """The checkpoint of a family in ``folder``, with the built-in encoder's tokenizer; one that is there stays."""
    if not folder.exists():
        with atomic(folder) as temporary:
            _write(name, temporary)
    return folder


def _write(name: str, folder: Path) -> None:
    import torch

    from benchmarks import shapes
    from edgebert.models.evaluate import Evaluation
    from edgebert.tasks.builtin import encoder_folder

    torch.manual_seed(0)
    if name in STUDENTS:
        teacher = folder.with_name("teacher")
        if not teacher.exists():
            shapes.write_teacher(teacher)
        shapes.write_student(name, teacher, folder)
    else:
        _large(name)(folder)
    Evaluation.save_tokenizer(encoder_folder(), folder)


def _large(name: str) -> Callable[[Path], None]:
    """Saves a random model of a published shape, with the labels of the built-in task."""
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        DistilBertConfig,
        DistilBertForSequenceClassification,
    )

    if name == "distilbert":  # Sanh et al. 2019
        return lambda folder: DistilBertForSequenceClassification(DistilBertConfig()).save_pretrained(folder)
    layers, width, inner, heads = BERTS[name]
    config = BertConfig(num_hidden_layers=layers, hidden_size=width, intermediate_size=inner, num_attention_heads=heads)
    return lambda folder: BertForSequenceClassification(config).save_pretrained(folder)
