"""Models at the sizes that the papers give, with random weights: a time does not depend on their values."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from transformers import (
    BertConfig,
    BertForSequenceClassification,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    RobertaConfig,
    RobertaForSequenceClassification,
)

from edgebert import students
from edgebert.models.huggingface import HuggingFaceModel
from edgebert.models.model import Model

LABELS = ("negative", "positive")
STUDENTS = (
    "tinybert-4", "tinybert-6", "mobilebert", "mobilebert-tiny", "mobilebert-layernorm-gelu", "mobilebert-layernorm",
    "mobilebert-gelu", "bilstm",
)  # fmt: skip
Builders = Mapping[str, Callable[[], Model]]


def bert(layers: int, hidden: int, heads: int) -> HuggingFaceModel:
    """A BERT (Devlin et al. 2019): 12 x 768 is base, 24 x 1024 large."""
    config = BertConfig(
        num_hidden_layers=layers, hidden_size=hidden, num_attention_heads=heads, intermediate_size=4 * hidden,
        num_labels=len(LABELS),
    )  # fmt: skip
    return HuggingFaceModel(BertForSequenceClassification(config).eval())


def distilbert() -> HuggingFaceModel:
    """DistilBERT (Sanh et al. 2019)."""
    return HuggingFaceModel(DistilBertForSequenceClassification(DistilBertConfig(num_labels=len(LABELS))).eval())


def bort() -> HuggingFaceModel:
    """Bort (de Wynter & Perry 2020), as released: 4 layers of 1024 with 8 heads and FFNs of 768, RoBERTa's tokens."""
    config = RobertaConfig(
        vocab_size=50265, num_hidden_layers=4, hidden_size=1024, num_attention_heads=8, intermediate_size=768,
        max_position_embeddings=514, type_vocab_size=1, num_labels=len(LABELS),
    )  # fmt: skip
    return HuggingFaceModel(RobertaForSequenceClassification(config).eval())


def student(name: str) -> HuggingFaceModel:
    """A student of BERT-base, by its name in edgebert."""
    with tempfile.TemporaryDirectory(prefix="edgebert-") as folder:
        BertConfig().save_pretrained(folder)  # all that it takes of its teacher: tokens and positions
        return students.architecture(name).build(name, students.Context(Path(folder), LABELS))


PAPERS: Builders = {
    "bert-base": lambda: bert(12, 768, 12),
    "bert-large": lambda: bert(24, 1024, 16),
    "distilbert": distilbert,
    "bort": bort,
    **{name: lambda name=name: student(name) for name in STUDENTS},  # type: ignore[misc]
}
"""How each model of the papers is built."""
