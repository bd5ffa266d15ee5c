"""`ib-bert`: the inverted-bottleneck teacher of MobileBERT (Sun et al. 2020), 24 layers, 512 wide, 1024 inside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgebert.students import Context
from edgebert.students.architectures.mobilebert import check_start, start
from edgebert.students.inherit import inherited, teacher_config

if TYPE_CHECKING:
    from edgebert.models.huggingface import HuggingFaceModel

__all__ = ["EXAMPLES", "NAME", "build", "check_start", "start"]

NAME = re.compile("ib-bert")
EXAMPLES = ("ib-bert",)


@dataclass(frozen=True)
class Shape:
    """Sizes; the defaults are the published ones."""

    layers: int = 24
    embedding: int = 128
    body: int = 512
    inside: int = 1024
    heads: int = 4
    intermediate: int = 4096


SHAPE = Shape()


def build(name: str, context: Context) -> HuggingFaceModel:
    """An IB-BERT with random weights, LayerNorm and gelu."""
    from edgebert.models.families.ib_bert import IbBert, IbBertConfig, IbBertForSequenceClassification
    from edgebert.models.families.mobilebert import initialise
    from edgebert.teachers.checkpoint import positions

    config = IbBertConfig(
        hidden_size=SHAPE.body,
        num_hidden_layers=SHAPE.layers,
        num_attention_heads=SHAPE.heads,
        intermediate_size=SHAPE.intermediate,
        hidden_act="gelu",
        hidden_dropout_prob=0.1,
        max_position_embeddings=positions(teacher_config(context).to_dict()) or 512,
        embedding_size=SHAPE.embedding,
        intra_bottleneck_size=SHAPE.inside,
        key_query_shared_bottleneck=False,
        num_feedforward_networks=1,
        normalization_type="layer_norm",
        **inherited(context),
    )
    model = IbBertForSequenceClassification(config)
    initialise(model)
    return IbBert(model.eval())
