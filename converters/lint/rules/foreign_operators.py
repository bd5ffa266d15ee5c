"""Operators that a plain runtime does not have: TensorFlow's (Flex), custom ones, those of other ONNX domains."""

from __future__ import annotations

from converters.lint.graph import Contents
from converters.lint.inspection import Finding


def find(contents: Contents) -> Finding | None:
    """See the module."""
    kinds = sorted(kind for kind in contents.operators if _foreign(kind) and kind not in contents.built_in)
    if not kinds:
        return None
    return Finding(
        rule="foreign_operators",
        what=f"Operators that are not built into the runtime: {', '.join(kinds)}.",
        fix="Convert the model anew with operators of the format's own, or ship the kernels with the app.",
        count=sum(contents.operators[kind] for kind in kinds),
        operators=tuple(kinds),
        refused=True,
    )


def _foreign(kind: str) -> bool:
    return kind.startswith("Flex") or ":" in kind
