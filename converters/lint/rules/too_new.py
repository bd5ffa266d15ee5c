"""A file in a newer version of ONNX's format than the runtime in Android apps opens."""

from __future__ import annotations

from converters.lint import shipped
from converters.lint.graph import Contents
from converters.lint.inspection import Finding


def find(contents: Contents) -> Finding | None:
    """See the module."""
    ships = shipped.by(contents.format)
    if contents.ir is None or ships.newest_ir is None or contents.ir <= ships.newest_ir:
        return None
    return Finding(
        rule="too_new",
        what=f"The file is of ONNX IR version {contents.ir}; {ships.runtime}, which Android apps take, opens "
        f"{ships.newest_ir} at most.",
        fix="Save it with an older ir_version, or ship a newer runtime.",
        count=1,
        refused=True,
    )
