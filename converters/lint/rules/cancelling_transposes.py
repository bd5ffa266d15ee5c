"""A transpose undone by the next one, or one that changes nothing."""

from __future__ import annotations

from converters.lint.graph import Contents, Graph, Operator
from converters.lint.inspection import Finding


def find(contents: Contents) -> Finding | None:
    """See the module."""
    count = sum(_cancels(graph, operator) for graph in contents.graphs for operator in graph.operators)
    if not count:
        return None
    kind = "TRANSPOSE" if contents.format == "tflite" else "Transpose"
    return Finding(
        rule="cancelling_transposes",
        what=f"{count} times a {kind} undoes the one before it, or leaves its input as it is.",
        fix="Take both out of the module before converting, or run a graph simplifier over the file.",
        count=count,
        operators=(kind,),
    )


def _cancels(graph: Graph, operator: Operator) -> bool:
    order = _order(graph, operator)
    if order is None:
        return False
    before = _order(graph, graph.producers.get(operator.inputs[0]))
    together = order if before is None else [before[place] for place in order]
    return [*range(len(order))] in (order, together)


def _order(graph: Graph, operator: Operator | None) -> list[int] | None:
    """The permutation of a transpose; None for any other operator, or where it is computed."""
    if operator is None or operator.kind.upper() != "TRANSPOSE":
        return None
    if operator.kind == "Transpose":
        return list(operator.options["perm"]) if "perm" in operator.options else None
    return graph.numbers(operator.inputs[1])
