"""A file's outputs against the student's logits: how well it scores, how far it is off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgebert.tasks.kinds import Floats, Kind

WORST = 5


@dataclass(frozen=True)
class Comparison:
    """Numbers of one file on all rows; the fields are those of `FileScore`."""

    metrics: dict[str, float]
    drop: float
    agreement: float | None
    max_change: float
    max_logit_difference: float | None
    worst: npt.NDArray[np.intp]
    constant: bool
    """Whether the file gives the same for every row, and the student does not."""


def as_logits(outputs: Floats, output: str, kind: Kind) -> Floats:
    """Logits of a file's outputs, which are "logits" or "probabilities"."""
    return kind.logits(outputs) if output == "probabilities" else outputs


def as_values(outputs: Floats, output: str, kind: Kind) -> Floats:
    """Probabilities or numbers of a file's outputs, as they stand where the file gives them."""
    return np.asarray(outputs, np.float64) if output == "probabilities" else kind.values(outputs)


def compare(outputs: Floats, output: str, reference: Floats, targets: Floats, kind: Kind) -> Comparison:
    """Compare a file with the student.

    Args:
        outputs: finite outputs of the file [rows, outputs].
        output: what they are, "logits" or "probabilities".
        reference: logits of the student [rows, outputs], texts cut alike.
        targets: gold targets [rows, width].
        kind: the task's kind.
    """
    logits = as_logits(outputs, output, kind)
    metrics, expected = kind.scores(logits, targets), kind.scores(reference, targets)
    changes = np.abs(as_values(outputs, output, kind) - kind.values(reference)).max(axis=1) / kind.unit(targets)
    return Comparison(
        metrics=metrics,
        # Rounded, so that a drop of one point is not 1.0000000000000142.
        drop=round(expected[kind.METRIC] - metrics[kind.METRIC], 9),
        agreement=kind.agreement(logits, reference),
        max_change=float(changes.max()),
        max_logit_difference=float(np.abs(outputs - reference).max()) if output == "logits" else None,
        worst=np.argsort(-changes, kind="stable")[:WORST],
        constant=bool(not np.ptp(outputs, axis=0).any() and np.ptp(reference, axis=0).any()),
    )
