"""Matrix products: dense layers, and the two of attention; fp32, fp16, and 8-bit with scales found at run time."""

from __future__ import annotations

import math

from converters.lint.graph import Value
from edgebert.profile.costs.work import Node, Work, constants, dtype, shape, size, volume

MICROSOFT = "com.microsoft:"
SECOND = {MICROSOFT + "QGemm": 3, "QLinearMatMul": 3}
"""Where the second factor stands among the inputs, if not at 1."""
TURNED = ("FULLY_CONNECTED",)
"""Whose second factor is always [n, k]."""
KINDS = (
    "FULLY_CONNECTED", "BATCH_MATMUL", "MatMul", "Gemm", "MatMulInteger", *SECOND,
    *(MICROSOFT + name for name in ("FusedMatMul", "FusedGemm", "DynamicQuantizeMatMul", "MatMulIntegerToFloat")),
)  # fmt: skip
QUANTISES = ("FULLY_CONNECTED", "BATCH_MATMUL", MICROSOFT + "DynamicQuantizeMatMul")
"""Those that quantise float activations themselves, where the second factor is 8-bit."""


def work(node: Node) -> tuple[Work, ...]:
    """Of x [batch, m, k] and y [batch, k, n], either of them stored turned round; axes that y lacks are rows."""
    x, y = node.inputs[0], node.inputs[SECOND.get(node.kind, 1)]
    inner = _factor(node, x, "adjX", "transA")[-1]
    *ahead, high, wide = _factor(node, y, "adjY", "transB")
    batch = math.prod(ahead)
    m = size(x) // max(inner * batch, 1)
    is_dynamic = node.kind in QUANTISES and dtype(x) != dtype(y) == "int8"
    return (
        Work(
            kind="matmul", dtype=dtype(y), batch=batch, m=m, k=high, n=wide, quantised=batch * m * high * is_dynamic,
            packed=0 if y is not None and y.constant else batch * high * wide,
            constants=constants(y), bytes=volume(x, y, node.outputs[0]),
        ),
    )  # fmt: skip


def _factor(node: Node, value: Value | None, *turned: str) -> tuple[int, ...]:
    """Sizes of a factor as it enters the product."""
    sizes = shape(value)
    if len(sizes) == 1:
        sizes = (1, *sizes)
    is_turned = any(node.options.get(name) for name in turned) or (node.kind in TURNED and "adjY" in turned)
    return (*sizes[:-2], sizes[-1], sizes[-2]) if is_turned else sizes
