"""One file for each thing there is to find: its `find` looks at what was read of a file."""

from __future__ import annotations

from collections.abc import Iterator

from converters.lint.graph import Contents
from converters.lint.inspection import Finding
from converters.lint.rules import (
    cancelling_transposes,
    constant_operators,
    delegate_crossings,
    float_weights,
    foreign_operators,
    int64_tensors,
    repeated_quantisation,
    too_new,
    unshipped_operators,
)

RULES = (
    too_new,
    foreign_operators,
    unshipped_operators,
    int64_tensors,
    delegate_crossings,
    repeated_quantisation,
    float_weights,
    cancelling_transposes,
    constant_operators,
)
"""The gravest first."""


def findings(contents: Contents) -> Iterator[Finding]:
    """What all rules find, the gravest first."""
    return (finding for rule in RULES if (finding := rule.find(contents)) is not None)
