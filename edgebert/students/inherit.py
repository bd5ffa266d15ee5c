"""What a student's configuration takes from its teacher's and from the task, whatever its architecture."""

from __future__ import annotations

from typing import Any

from edgebert.students import Context


def inherited(context: Context) -> dict[str, Any]:
    """Vocabulary, token types, padding and labels, by their names in a configuration of transformers."""
    teacher = teacher_config(context)
    return {
        "vocab_size": teacher.vocab_size,
        "type_vocab_size": max(getattr(teacher, "type_vocab_size", 1), 1),
        "pad_token_id": teacher.pad_token_id or 0,
        "id2label": dict(enumerate(context.labels)),
        "label2id": {label: i for i, label in enumerate(context.labels)},
    }


def teacher_config(context: Context) -> Any:
    """The teacher's configuration."""
    from transformers import AutoConfig

    return AutoConfig.from_pretrained(context.teacher)
