"""`bert-LAYERS-WIDTH`: a BERT (Devlin et al. 2019) of any size, with the teacher's vocabulary.

FFN of four times the width; as many heads as the teacher where that divides the width, else the most that divide both;
the teacher's activation. What differs stands behind, in this order: `bert-4-320-ffn1280-heads5-relu`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edgebert.errors import UserError
from edgebert.students import Context
from edgebert.students.fits import SIZES, check_family, check_sizes, sizes
from edgebert.students.inherit import inherited, teacher_config

if TYPE_CHECKING:
    from edgebert.models.huggingface import HuggingFaceModel
    from edgebert.students.transplant import Start
    from edgebert.training.batches import Batch

NAME = re.compile(
    r"bert-(?P<layers>\d{1,3})-(?P<hidden>\d{1,4})"
    r"(?:-ffn(?P<ffn>\d{1,5}))?(?:-heads(?P<heads>\d{1,3}))?(?:-(?P<activation>relu|gelu))?"
)
EXAMPLES = ("bert-2-128", "bert-3-384", "bert-4-256", "bert-6-384", "bert-12-768", "bert-4-320-heads5-relu")


@dataclass(frozen=True)
class Size:
    """What tells one BERT from another."""

    layers: int
    hidden: int
    intermediate: int
    heads: int
    activation: str | None = None
    """None for the teacher's."""


def build(name: str, context: Context) -> HuggingFaceModel:
    """A student with random weights, for example of `bert-6-384`."""
    return of_size(_size(name, teacher_config(context).num_attention_heads), context)


def check_start(name: str, teacher: Mapping[str, Any]) -> None:
    """Refuse a teacher of another family, or one smaller than the student in anything."""
    theirs = sizes(teacher)
    check_fits(_size(name, theirs.get("heads", 1)), teacher)


def check_fits(size: Size, teacher: Mapping[str, Any]) -> None:
    """Refuse a teacher that a BERT of ``size`` cannot be taken out of."""
    check_family(teacher["model_type"])
    ours = (size.layers, size.hidden, size.intermediate, size.heads)
    check_sizes(dict(zip(SIZES, ours, strict=True)), sizes(teacher))


def start(
    student: HuggingFaceModel, teacher: HuggingFaceModel, layers: tuple[int, ...], sample: Callable[[], list[Batch]]
) -> Start:
    """Take the student out of its teacher: see `edgebert.students.transplant`."""
    from converters import encoder_weights
    from edgebert import console
    from edgebert.students.importance import measure
    from edgebert.students.transplant import transplant

    check_family(teacher.config.model_type)
    weights = encoder_weights.read(teacher.model)
    found = transplant(weights, measure(weights, sample()), student.model, layers)
    console.say(f"  student starts from teacher layers {', '.join(str(i + 1) for i in found.layers)} "
                f"of {teacher.depth}, {student.width} of {weights.width} dimensions")  # fmt: skip
    return found


def _size(name: str, teachers_heads: int) -> Size:
    match = NAME.fullmatch(name)
    assert match
    layers, hidden = int(match["layers"]), int(match["hidden"])
    ffn = int(match["ffn"] or 4 * hidden)
    heads = int(match["heads"] or math.gcd(teachers_heads, hidden))
    if not (layers and hidden and ffn and heads):
        raise UserError(f"--student {name}: layers, width, FFN and heads must be above 0.", "For example: bert-6-384.")
    if hidden % heads:
        raise UserError(f"--student {name}: {heads} heads do not divide a width of {hidden}.", "Choose others.")
    return Size(layers, hidden, ffn, heads, match["activation"])


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
        hidden_act=size.activation or getattr(teacher, "hidden_act", None) or getattr(teacher, "activation", "gelu"),
        max_position_embeddings=positions(teacher.to_dict()),
        layer_norm_eps=getattr(teacher, "layer_norm_eps", 1e-12),
        **inherited(context),
    )
    return HuggingFaceModel(BertForSequenceClassification(config).eval())
