"""Kinds of task: what logits mean and how they are scored. One file a kind; its name is the file's."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Ids = npt.NDArray[np.integer]


class Kind(Protocol):
    """What the module of a kind offers. Logits are [rows, outputs]."""

    METRIC: str
    """The key of `scores` that decides: which checkpoint is best, whether a file passes."""

    def probabilities(self, logits: Floats) -> Floats:
        """Probabilities [rows, outputs]."""

    def decode(self, logits: Floats) -> Ids:
        """The answer for each row: label ids [rows]."""

    def scores(self, logits: Floats, labels: Ids) -> dict[str, float]:
        """All metrics in points (0 to 100) against the gold label ids [rows]."""


def get(name: str) -> Kind:
    """The kind called ``name``."""
    known = [module.name for module in pkgutil.iter_modules(__path__)]
    if name not in known:
        raise KeyError(f"there is no kind of task '{name}'; there are: {', '.join(known)}")
    return cast(Kind, importlib.import_module(f"{__name__}.{name}"))
