"""Operators of an ONNX file by ONNX Runtime's own profiler, call by call."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import compress
from statistics import median

from benchmarks.profiles.turns import Row, words
from edgebert.runtimes.engines.ort import Kernel

PRODUCTS = (
    "MatMul", "Gemm", "FusedMatMul", "FusedGemm", "MatMulInteger", "MatMulIntegerToFloat", "DynamicQuantizeMatMul",
    "QGemm", "QLinearMatMul",
)  # fmt: skip


def rows(kernels: Sequence[Kernel], timed: Sequence[bool]) -> list[Row]:
    """Equal nodes together, each with the median of its timed calls.

    Args:
        kernels: of a profile.
        timed: which calls count; the others warmed up.
    """
    alike: dict[tuple[str, str], list[Kernel]] = {}
    for one in kernels:
        alike.setdefault((one.operator, shape(one)), []).append(one)
    return [
        Row(operator, of, len(ones), sum(median(compress(one.ms, timed)) for one in ones), sum(map(macs, ones)))
        for (operator, of), ones in alike.items()
    ]


def shape(one: Kernel) -> str:
    """Of activations, in words: vectors beside matrices are scales and biases."""
    (output, *_) = one.outputs
    least = 2 if len(output) > 1 else 0
    return words([size for size in one.inputs if len(size) >= least], output)


def macs(one: Kernel) -> int:
    """Multiply-adds of a matrix product whose first factor lies as it is, 0 of anything else."""
    return math.prod(one.outputs[0]) * one.inputs[0][-1] if one.operator in PRODUCTS else 0
