"""`mobilebert` and `mobilebert-tiny` (Sun et al. 2020), with `-layernorm` and `-gelu` in place of NoNorm and relu.

The published students are NoNorm with relu, the cheaper ones to run; LayerNorm with gelu is what the paper calls
"without operational optimisation". The classifier reads the first token without a pooler, as published.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edgebert.students import Context
from edgebert.students.fits import check_family
from edgebert.students.inherit import inherited, teacher_config

if TYPE_CHECKING:
    from edgebert.models.huggingface import HuggingFaceModel
    from edgebert.students.transplant import Start
    from edgebert.training.batches import Batch

NAME = re.compile(r"(mobilebert(?:-tiny)?)(-layernorm)?(-gelu)?")
EXAMPLES = ("mobilebert", "mobilebert-tiny", "mobilebert-layernorm-gelu")


@dataclass(frozen=True)
class Shape:
    """What tells one MobileBERT from another."""

    ffns: int
    """FFNs in a layer."""
    attention_in_bottleneck: bool
    """Whether queries, keys and values all read the bottleneck; else values read the body."""
    layers: int = 24
    embedding: int = 128
    body: int = 512
    bottleneck: int = 128
    heads: int = 4
    intermediate: int = 512


SHAPES = {
    "mobilebert": Shape(ffns=4, attention_in_bottleneck=False),
    "mobilebert-tiny": Shape(ffns=2, attention_in_bottleneck=True),
}


def build(name: str, context: Context) -> HuggingFaceModel:
    """A student with random weights."""
    from transformers import MobileBertConfig, MobileBertForSequenceClassification

    from edgebert.models.families.mobilebert import MobileBert, initialise
    from edgebert.teachers.checkpoint import positions

    match = NAME.fullmatch(name)
    assert match
    shape = SHAPES[match[1]]
    config = MobileBertConfig(
        hidden_size=shape.body,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.intermediate,
        hidden_act="gelu" if match[3] else "relu",
        max_position_embeddings=positions(teacher_config(context).to_dict()) or 512,
        embedding_size=shape.embedding,
        intra_bottleneck_size=shape.bottleneck,
        use_bottleneck_attention=shape.attention_in_bottleneck,
        key_query_shared_bottleneck=not shape.attention_in_bottleneck,  # else weights that nothing reads
        num_feedforward_networks=shape.ffns,
        normalization_type="layer_norm" if match[2] else "no_norm",
        classifier_activation=False,
        **inherited(context),
    )
    model = MobileBertForSequenceClassification(config)
    initialise(model)
    return MobileBert(model.eval())


def check_start(name: str, teacher: Mapping[str, Any]) -> None:
    """Refuse a teacher whose embeddings cannot be read; its size does not matter."""
    check_family(teacher["model_type"])


def start(
    student: HuggingFaceModel, teacher: HuggingFaceModel, layers: tuple[int, ...], sample: Callable[[], list[Batch]]
) -> Start:
    """Take over the teacher's embeddings; the layers are of another make and stay random."""
    from converters import encoder_weights
    from edgebert import console
    from edgebert.students.embeddings import take_mobilebert_embeddings
    from edgebert.students.transplant import Start

    check_family(teacher.config.model_type)
    take_mobilebert_embeddings(student.model, encoder_weights.read(teacher.model))
    console.say(f"  student starts from its teacher's embeddings, {student.config.embedding_size} of {teacher.width} "
                "dimensions; its layers are random")  # fmt: skip
    return Start(layers, None)
