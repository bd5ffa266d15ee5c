"""Elements that change place or nothing at all: copies, transposes, and views, which are free but for their being."""

from __future__ import annotations

from edgebert.profile.costs.work import Kind, Node, Work, elementwise, size

AS: dict[str, Kind] = {
    **dict.fromkeys(("TRANSPOSE", "Transpose"), "transpose"),
    **dict.fromkeys(
        ("SLICE", "STRIDED_SLICE", "CONCATENATION", "SPLIT", "SPLIT_V", "PAD", "TILE", "BROADCAST_TO", "PACK", "UNPACK",
         "ONE_HOT", "FILL", "Slice", "Concat", "Split", "Pad", "Tile", "Expand", "OneHot"), "copy",
    ),
    **dict.fromkeys(
        ("RESHAPE", "SQUEEZE", "EXPAND_DIMS", "SHAPE", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity",
         "Shape"), "view",
    ),
}  # fmt: skip
KINDS = tuple(AS)


def work(node: Node) -> tuple[Work, ...]:
    """Every element of all outputs is written."""
    return elementwise(AS[node.kind], node, sum(size(value) for value in node.outputs if value is not None))
