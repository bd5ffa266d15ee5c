"""Which teacher layer each student layer starts from and answers to."""

from __future__ import annotations

import math

from edgebert.errors import UserError

NAMES = ("uniform", "top", "bottom")


def layer_map(name: str, student: int, teacher: int) -> tuple[int, ...]:
    """The teacher layer (from 0) of each student layer.

    Args:
        name: `uniform`, evenly spaced with the last always among them, TinyBERT's g(m) = 3m (Jiao et al. 2020) for
            any ratio: 4 of 12 gives 2, 5, 8, 11. `top`: the last ones. `bottom`: the first ones. Or teacher layers
            counted from 1, as in `3,6,9,12`.
        student: number of its layers.
        teacher: number of its layers.

    Raises:
        UserError: if the teacher has fewer layers than `top` or `bottom` would take, or a list does not fit.
    """
    if name == "uniform":
        return tuple(math.ceil((i + 1) * teacher / student) - 1 for i in range(student))
    if name in NAMES:
        if student > teacher:
            raise UserError(
                f"--layer-map {name} takes {student} layers, and the teacher has {teacher}.", "Say --layer-map uniform."
            )
        first = teacher - student if name == "top" else 0
        return tuple(range(first, first + student))
    layers = tuple(int(word) - 1 for word in name.split(","))
    if len(layers) != student or not all(0 <= layer < teacher for layer in layers):
        raise UserError(
            f"--layer-map {name} does not fit: it names a teacher layer, 1 to {teacher}, for each of the student's "
            f"{student}.",
            f"For example: --layer-map {','.join(str(layer + 1) for layer in layer_map('uniform', student, teacher))}",
        )
    return layers
