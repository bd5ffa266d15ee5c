"""Operators that give the same at every call, because all they read is part of the file."""

from __future__ import annotations

from typing import Any

from converters.lint.graph import Contents, Graph, Operator, counted
from converters.lint.inspection import Finding

WEIGHTS_BACK = frozenset({"DEQUANTIZE", "DequantizeLinear"})
"""Turn small weights into floats: done at load by the runtimes, and what keeps the file small."""
NOT_COMPUTED = frozenset({"Constant", "VAR_HANDLE", "RANDOM_UNIFORM", "RandomUniform", "RandomNormal"})


def find(contents: Contents) -> Finding | None:
    """See the module."""
    kinds = counted(operator.kind for graph in contents.graphs for operator in _foldable(graph))
    if not kinds:
        return None
    count = sum(kinds.values())
    return Finding(
        rule="constant_operators",
        what=f"{count} operators read constants only, and give the same at every call: {', '.join(kinds)}.",
        fix="Fold them before converting: some runtimes do so anew at each load, the others at each call.",
        count=count,
        operators=tuple(kinds),
    )


def _foldable(graph: Graph) -> list[Operator]:
    constant = {key for key, value in graph.values.items() if value.constant}
    constant.update(key for operator in graph.operators if operator.kind == "Constant" for key in operator.outputs)
    found = []
    for operator in graph.operators:
        reads = [key for key in operator.inputs if key is not None]
        if reads and constant.issuperset(reads) and operator.kind not in NOT_COMPUTED:
            constant.update(operator.outputs)
            if not _widens(graph, operator, reads):
                found.append(operator)
    return found


def _widens(graph: Graph, operator: Operator, reads: list[Any]) -> bool:
    small = graph.values.get(reads[0])
    return operator.kind in WEIGHTS_BACK or (
        operator.kind in ("Cast", "CAST") and small is not None and small.dtype == "float16"
    )
