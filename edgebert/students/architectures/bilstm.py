"""`bilstm` and `bilstm-300` (Tang et al. 2019): 150 units a direction with a head of 200, or 300 with 400.

Word vectors of the teacher's word pieces, 300 wide or as wide as the teacher's where those are narrower. Pairs are
read apart by one LSTM (siamese).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from edgebert.errors import UserError
from edgebert.students import Context
from edgebert.students.inherit import inherited, teacher_config
from edgebert.teachers.checkpoint import COUNTED_FROM_PAD

if TYPE_CHECKING:
    from edgebert.models.huggingface import HuggingFaceModel
    from edgebert.students.transplant import Start
    from edgebert.training.batches import Batch

SIZES = {"bilstm": (150, 200), "bilstm-300": (300, 400)}
"""Units of each direction, and of the head."""
NAME = re.compile("|".join(SIZES))
EXAMPLES = tuple(SIZES)
EMBEDDING = 300


def build(name: str, context: Context) -> HuggingFaceModel:
    """A student with random weights.

    Raises:
        UserError: for pairs of a teacher whose tokens do not say which of the two texts they belong to.
    """
    from edgebert.models.families.bilstm import BiLstm, BiLstmConfig, BiLstmForSequenceClassification

    teacher = teacher_config(context)
    if context.has_pair and teacher.model_type in COUNTED_FROM_PAD:
        raise UserError(
            f"--student {name} reads the texts of a pair apart, and the tokens of a '{teacher.model_type}' teacher "
            "do not say which text they belong to.",
            "Choose another --student, or a teacher of the BERT, ELECTRA or DistilBERT family.",
        )
    hidden, head = SIZES[name]
    sizes = inherited(context) | {"type_vocab_size": 2 if context.has_pair else 1}
    width = min(EMBEDDING, getattr(teacher, "embedding_size", teacher.hidden_size))
    config = BiLstmConfig(embedding_size=width, hidden_size=hidden, head_size=head, **sizes)
    return BiLstm(BiLstmForSequenceClassification(config).eval())


def check_start(name: str, teacher: Mapping[str, Any]) -> None:
    """Every teacher has word vectors."""


def start(
    student: HuggingFaceModel, teacher: HuggingFaceModel, layers: tuple[int, ...], sample: Callable[[], list[Batch]]
) -> Start:
    """Take over the teacher's word vectors, their principal components; the LSTM is random."""
    from edgebert import console
    from edgebert.students.embeddings import take_word_vectors
    from edgebert.students.transplant import Start

    table, theirs = student.input_embeddings, teacher.input_embeddings
    take_word_vectors(table, theirs.weight)
    console.say(f"  student starts from its teacher's word vectors, {table.embedding_dim} principal components; its "
                "LSTM is random")  # fmt: skip
    return Start(layers, None)
