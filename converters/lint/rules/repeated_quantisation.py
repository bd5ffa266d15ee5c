"""One tensor quantised several times at run time: each product that does so by itself pays for it again."""

from __future__ import annotations

from converters.lint.graph import Contents, Graph, Operator, counted
from converters.lint.inspection import Finding

SMALL = frozenset({"int8", "int4", "int2"})
QUANTISERS = frozenset(
    {"DynamicQuantizeLinear", "com.microsoft:DynamicQuantizeLSTM", "com.microsoft:DynamicQuantizeMatMul"}
)


def find(contents: Contents) -> Finding | None:
    """See the module."""
    repeated = [operator for graph in contents.graphs for group in _groups(graph) for operator in group[1:]]
    if not repeated:
        return None
    kinds = counted(operator.kind for operator in repeated)
    return Finding(
        rule="repeated_quantisation",
        what=f"{len(repeated)} times a tensor is quantised at run time that already was, by {', '.join(kinds)}.",
        fix="Make one product of those that read the same tensor (queries, keys and values), or share the quantiser.",
        count=len(repeated),
        operators=tuple(kinds),
    )


def _groups(graph: Graph) -> list[list[Operator]]:
    """Operators that quantise the same tensor."""
    found = ([operator for operator in readers if _quantises(graph, operator, key)]
             for key, readers in graph.readers.items() if key is not None)  # fmt: skip
    return [group for group in found if len(group) > 1]


def _quantises(graph: Graph, operator: Operator, key: object) -> bool:
    if not operator.inputs or operator.inputs[0] != key:
        return False
    if operator.kind == "FULLY_CONNECTED":
        x, weight = (graph.values[place] for place in operator.inputs[:2])
        return x.dtype == "float32" and weight.dtype in SMALL
    return operator.kind in QUANTISERS
