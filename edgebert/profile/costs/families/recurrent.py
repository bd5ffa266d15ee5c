"""LSTM in one operator: one product for all words, then for each word one with the state, and the gates."""

from __future__ import annotations

from edgebert.profile.costs.work import Node, Work, constants, dtype, shape

KINDS = ("LSTM", "com.microsoft:DynamicQuantizeLSTM")
GATES = 4


def work(node: Node) -> tuple[Work, ...]:
    """Of each direction: W x of all words at once, then R h word by word, and the five activations of every step."""
    x, weight = node.inputs[0], node.inputs[1]
    (length, batch, width), hidden = shape(x), int(node.options["hidden_size"])
    ways = 2 if node.options.get("direction") == b"bidirectional" else 1
    kind = dtype(weight)
    is_dynamic = kind == "int8"
    return (
        Work(
            kind="matmul", dtype=kind, times=ways, m=length * batch, k=width, n=GATES * hidden,
            constants=constants(weight) // ways, quantised=length * batch * width * is_dynamic,
        ),
        Work(
            kind="matmul", dtype=kind, times=ways * length, m=batch, k=hidden, n=GATES * hidden,
            constants=constants(node.inputs[2]) // ways, quantised=batch * hidden * is_dynamic,
        ),
        Work(kind="tanh", times=ways * length, elements=(GATES + 1) * batch * hidden),
    )  # fmt: skip
