"""The difference of two models' scores, with the interval that comes of which rows they were scored on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from edgebert.tasks import kinds
from edgebert.tasks.kinds import Floats, Kind
from edgebert.tasks.task import Task
from edgebert.verify.interval import LEVEL, Bootstrap, Resampled


@dataclass(frozen=True)
class Difference:
    """In points of the task's metric, the first model's score less the second's; the interval is of 95 %."""

    mean: float
    low: float
    high: float


def difference(first: Sequence[Floats], second: Sequence[Floats], targets: Floats, kind: Kind) -> Difference:
    """The mean difference over seeds, and its paired bootstrap interval, see `edgebert.verify.interval`.

    Every draw takes the same rows for both models and all seeds: what is left is the luck of the rows. The luck of the
    seeds is in the scores of each, which are reported beside it.

    Args:
        first: logits [rows, outputs] of one model, an array a seed.
        second: of the other, for the same seeds.
        targets: gold ones [rows, width].
        kind: of the task.
    """
    return _between(_resampled(first, targets, kind), _resampled(second, targets, kind))


def differences(task: Task, folders: Mapping[str, Sequence[Path]], against: str) -> dict[str, dict[str, float]]:
    """Each variant against one of them on the task's dev rows.

    Args:
        task: its dev rows and kind.
        folders: for each variant, the folders of its students, one a seed.
        against: name of the variant that the others are held against.
    """
    logits = {variant: [np.load(folder / "logits-dev.npy") for folder in found] for variant, found in folders.items()}
    targets, kind = task.rows("dev").targets, kinds.get(task.kind)
    scores = {variant: _resampled(found, targets, kind) for variant, found in logits.items()}
    return {
        variant: asdict(_between(found, scores[against])) for variant, found in scores.items() if variant != against
    }


def _resampled(models: Sequence[Floats], targets: Floats, kind: Kind) -> Resampled:
    """Scores of a model on the rows and on each draw, the mean over its seeds."""
    bootstrap = Bootstrap(lambda logits, gold: kind.scores(logits, gold)[kind.METRIC], targets)
    return np.asarray(np.mean([bootstrap.scores(logits) for logits in models], axis=0))


def _between(first: Resampled, second: Resampled) -> Difference:
    itself, *draws = first - second
    low, high = np.percentile(draws, [(100 - LEVEL) / 2, (100 + LEVEL) / 2])
    return Difference(float(itself), float(low), float(high))
