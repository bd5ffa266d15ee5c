"""Operators of the format's own, in a version or with integers that the runtime in Android apps has no kernel for."""

from __future__ import annotations

from collections import Counter

from converters.lint import shipped
from converters.lint.graph import Contents, Graph, Operator
from converters.lint.inspection import Finding
from converters.lint.rules.foreign_operators import foreign

FOLDED = frozenset({"Constant"})
"""What no kernel is needed for: ONNX Runtime makes tensors of them when it loads the file."""


def find(contents: Contents) -> Finding | None:
    """See the module."""
    ships = shipped.by(contents.format)
    lacking: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for graph in contents.graphs:
        for operator in graph.operators:
            if operator.kind in FOLDED or (foreign(operator.kind) and operator.kind not in ships.kernels):
                continue
            if words := ships.lacks(operator.kind, operator.version, _integers(graph, operator)):
                lacking[words] += 1
                kinds[operator.kind] += 1
    if not lacking:
        return None
    return Finding(
        rule="unshipped_operators",
        what=f"{ships.runtime}, which Android apps take, has no kernel for {', '.join(sorted(lacking))}.",
        fix="Convert the model anew for an older operator set or with other types, or ship a newer runtime.",
        count=lacking.total(),
        operators=tuple(kind for kind, _ in kinds.most_common()),
        refused=True,
    )


def _integers(graph: Graph, operator: Operator) -> list[str | None]:
    """Types of the inputs that are integers; floats are left to the runtime, which casts half to single."""
    dtypes = [graph.values[key].dtype if key in graph.values else None for key in operator.inputs]
    return [dtype if dtype and dtype.startswith(("int", "uint")) else None for dtype in dtypes]
