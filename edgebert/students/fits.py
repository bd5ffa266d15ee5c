"""Whether a student can be taken out of a teacher, by sizes alone: asked before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from converters.encoder_weights import FAMILIES
from edgebert.errors import UserError

SIZES = {
    "layers": ("num_hidden_layers", "n_layers"),
    "hidden size": ("hidden_size", "dim"),
    "FFN size": ("intermediate_size", "hidden_dim"),
    "heads": ("num_attention_heads", "n_heads"),
}
"""What they are called in configurations."""


def sizes(config: Mapping[str, Any]) -> dict[str, int]:
    """The sizes that a configuration names."""
    return {what: config[name] for what, names in SIZES.items() for name in names if name in config}


def check_family(teacher: str) -> None:
    """Make sure that the weights of a teacher of this `model_type` can be read.

    Raises:
        UserError: if not.
    """
    if teacher not in FAMILIES:
        raise UserError(
            f"--init teacher cannot take a student out of a '{teacher}' teacher.",
            "Say --init random, or --init checkpoint.",
        )


def check_sizes(student: Mapping[str, int], teacher: Mapping[str, int]) -> None:
    """Make sure that the student is no larger than its teacher in anything, nor any head than those it is taken from.

    Args:
        student: sizes by the words of `SIZES`.
        teacher: likewise; one that is missing is not compared.

    Raises:
        UserError: if not.
    """
    for what, ours in student.items():
        if ours > teacher.get(what, ours):
            raise UserError(
                f"--init teacher takes the student out of the teacher, but the student's {what} is {ours} "
                f"and the teacher's {teacher[what]}.",
                "Choose a smaller --student, or --init random.",
            )
    if "heads" in teacher and "hidden size" in teacher:
        ours = student["hidden size"] // student["heads"]
        each = teacher["heads"] // student["heads"]
        theirs = teacher["hidden size"] // teacher["heads"]
        if ours > each * theirs:
            raise UserError(
                f"--init teacher: a head of the student has {ours} dimensions, and the {each} of the teacher's that it "
                f"is taken from have {theirs} each.",
                "Choose a --student of more heads, or --init random.",
            )
