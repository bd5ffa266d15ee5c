"""`bert-LAYERS-WIDTH`: a BERT (Devlin et al. 2019) of any size, with the teacher's vocabulary and activation.

FFN of four times the width; as many heads as the teacher where that divides the width, else the most that divide both.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgebert.errors import UserError
from edgebert.students import Context
from edgebert.students.inherit import inherited, teacher_config

if TYPE_CHECKING:
    from edgebert.models.huggingface import HuggingFaceModel

NAME = re.compile(r"bert-(\d{1,3})-(\d{1,4})")
EXAMPLES = ("bert-2-128", "bert-3-384", "bert-4-256", "bert-6-384", "bert-12-768")


@dataclass(frozen=True)
class Size:
    """What tells one BERT from another."""

    layers: int
    hidden: int
    intermediate: int
    heads: int


def build(name: str, context: Context) -> HuggingFaceModel:
    """A student with random weights, for example of `bert-6-384`."""
    layers, hidden = (int(word) for word in name.split("-")[1:])
    if not layers or not hidden:
        raise UserError(f"--student {name}: layers and width must be above 0.", "For example: bert-6-384.")
    heads = math.gcd(teacher_config(context).num_attention_heads, hidden)
    return of_size(Size(layers, hidden, 4 * hidden, heads), context)


def of_size(size: Size, context: Context) -> HuggingFaceModel:
    """A BERT of ``size`` with random weights, for the teacher's tokens and labels."""
    from transformers import BertConfig, BertForSequenceClassification

    from edgebert.models.huggingface import HuggingFaceModel
    from edgebert.teachers.checkpoint import positions

    teacher = teacher_config(context)
    config = BertConfig(
        hidden_size=size.hidden,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        intermediate_size=size.intermediate,
        hidden_act=getattr(teacher, "hidden_act", None) or getattr(teacher, "activation", "gelu"),
        max_position_embeddings=positions(teacher.to_dict()),
        layer_norm_eps=getattr(teacher, "layer_norm_eps", 1e-12),
        **inherited(context),
    )
    return HuggingFaceModel(BertForSequenceClassification(config).eval())
