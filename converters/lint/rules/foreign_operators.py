"""Operators of others that no build of the runtime has: TensorFlow's (Flex), custom ones, other ONNX domains."""

from __future__ import annotations

from converters.lint import shipped
from converters.lint.graph import Contents
from converters.lint.inspection import Finding


def find(contents: Contents) -> Finding | None:
    """See the module."""
    known = shipped.by(contents.format).kernels
    kinds = sorted(kind for kind in contents.operators if foreign(kind) and kind not in known)
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


def foreign(kind: str) -> bool:
    """Whether an operator is not one of the format's own."""
    return kind.startswith("Flex") or ":" in kind
