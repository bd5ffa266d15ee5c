"""64-bit integers: GPU and NPU delegates take none, and they are twice the bytes of what token ids need."""

from __future__ import annotations

from converters.lint.graph import Contents
from converters.lint.inspection import Finding


def find(contents: Contents) -> Finding | None:
    """See the module."""
    if not contents.int64_tensors:
        return None
    return Finding(
        rule="int64_tensors",
        what=f"{contents.int64_tensors} tensors of 64-bit integers: accelerators take none.",
        fix="Convert with int32 inputs.",
        count=contents.int64_tensors,
        refused=True,
    )
