"""Which micro-models there are: small and large, long and narrow, none of a size that a known model has.

Each repeats one thing several times over, so that this outweighs the call itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from edgebert.profile.micro.writer import Writer

Write = Callable[[Writer], Any]


@dataclass(frozen=True)
class Micro:
    """A micro-model.

    Attributes:
        name: of the file.
        rows: size of its input.
        write: gives the tensor whose first row is the output.
        is_quantised: whether it is timed in int8 too: it has constant weights.
    """

    name: str
    rows: int
    write: Write
    is_quantised: bool = False


DENSE = (
    (1, (420, 1680, 420, 1680, 420, 1680, 420)), (1, (208, 208, 208, 208, 208, 208, 208, 208)),
    (1, (900, 900, 900, 900, 900)), (12, (340, 340, 340, 340, 340)),
    (20, (340, 1360, 340, 1360, 340)), (20, (720, 720, 720, 720)), (20, (144, 576, 144, 576, 144)),
    (48, (360, 360, 360, 360, 360)), (48, (880, 2640, 880)), (48, (136, 544, 136, 544, 136)),
    (96, (288, 1152, 288, 1152, 288)), (96, (160, 480, 160, 480, 160)), (96, (960, 960, 960)), (96, (720, 2880, 720)),
    (96, (48, 96, 48, 96, 48, 96, 48)), (160, (400, 400, 400, 400)), (160, (144, 432, 144, 432, 144)),
    (160, (840, 3360, 840)), (160, (24, 176, 24, 176, 24)), (224, (240, 960, 240, 960, 240)), (224, (640, 2560, 640)),
    (224, (120, 120, 120, 120, 120, 120)), (288, (560, 560, 560)),
)  # fmt: skip
"""Rows, and the widths that chains of dense layers go through."""
LARGE = ((24, 56, 112), (1440, 5760))
"""Rows and widths of those whose weights no cache holds, in 8 bits either."""
SHARED = ((40, 280, 280), (96, 640, 640), (208, 200, 200))
"""Rows, inner size and columns of layers that read one input."""
PRODUCTS = ((12, 24, 24), (8, 48, 40), (6, 96, 48), (10, 96, 72), (14, 160, 24), (10, 224, 56), (5, 288, 40))
"""Heads, rows and width of the two products of attention."""
SHAPES = ((20, 360), (96, 400), (160, 1400), (240, 3200))
"""Of single operators: in the first cache, in the second, in none of the core's own."""
SQUARES = ((12, 24, 48), (8, 48, 80), (12, 96, 96), (12, 160, 160), (10, 288, 288))
"""Of softmax: heads, rows, columns."""
HEADS = ((20, 12, 28), (96, 12, 28), (96, 10, 72), (224, 12, 56))
"""Rows, heads and width of what is transposed."""
LSTMS = ((24, 100, 90), (48, 220, 160), (96, 280, 130))
"""Words, vectors and units."""
DEPTH, TINY_DEPTH = 6, 60


Step = Callable[[Writer, Any], Any]

STEPS: dict[str, Step] = {
    "add": lambda to, x: to.add(x, x),
    "scale": lambda to, x: to.scale(x),
    "relu": lambda to, x: to.activation(to.scale(x), "relu"),
    "gelu": lambda to, x: to.activation(x, "gelu"),
    "tanh": lambda to, x: to.activation(x, "tanh"),
    "normalise": lambda to, x: to.normalise(x),
    "mean": lambda to, x: to.add(x, to.mean(x)),
    "copy": lambda to, x: to.part(to.join(x, x), to.shape(x)[-1]),
    "view": lambda to, x: to.reshape(to.add(x, x), to.shape(x)[::-1]),
}
"""What is done to a tensor again and again."""


def micros(shared_cache: int) -> list[Micro]:
    """All micro-models.

    Args:
        shared_cache: bytes of the largest cache of the device, which the weights of some have to exceed.
    """
    (narrow, wide), layers = LARGE[1], 1 + int(1.5 * shared_cache) // (LARGE[1][0] * LARGE[1][1])
    widths = tuple(wide if layer % 2 else narrow for layer in range(layers + 1))
    return [
        *(_micro("dense", _dense(*one), *one[1], rows=one[0], quantised=True) for one in DENSE),
        *(_micro("dense", _dense(rows, widths), *widths, rows=rows, quantised=True) for rows in LARGE[0]),
        *(_micro("shared", _shared(r, k, n), k, n, rows=r, quantised=True) for r, k, n in SHARED),
        *(_micro("products", _products(*one), *one, rows=one[1]) for one in PRODUCTS),
        *(_micro(name, _chain(r, c, step), c, rows=r) for name, step in STEPS.items() for r, c in SHAPES),
        *(_micro("softmax", _softmax(*one), *one, rows=one[1]) for one in SQUARES),
        *(_micro("turn", _transpose(*one), *one, rows=one[0]) for one in HEADS),
        *(_micro("look-up", _look_up(*one), one[1], rows=one[0], quantised=True) for one in SHAPES),
        *(_micro("tiny", _chain(rows, 16, STEPS["add"], TINY_DEPTH), rows=rows) for rows in (1, 4)),
        *(_micro("lstm", _lstm(*one), *one, rows=one[0], quantised=True) for one in LSTMS),
    ]


def _micro(kind: str, write: Write, *sizes: int, rows: int, quantised: bool = False) -> Micro:
    name = "-".join(map(str, (kind, rows, *sizes[:3], len(sizes))))
    return Micro(name, rows, write, quantised)


def _dense(rows: int, widths: Sequence[int]) -> Write:
    def write(to: Writer) -> Any:
        x = to.begin(rows, widths[0])
        for columns in widths[1:]:
            x = to.dense(x, columns)
        return x

    return write


def _shared(rows: int, inner: int, columns: int) -> Write:
    """Three layers of one input, as attention has them."""

    def write(to: Writer) -> Any:
        x = to.begin(rows, inner)
        for _ in range(DEPTH // 3):
            one, two, three = (to.dense(x, columns) for _ in range(3))
            x = to.dense(to.add(to.add(one, two), three), inner)
        return x

    return write


def _products(heads: int, rows: int, width: int) -> Write:
    """Of attention: the scores, and what they pick."""

    def write(to: Writer) -> Any:
        x = to.reshape(to.begin(rows, heads * width), (heads, rows, width))
        turned = to.reshape(x, (heads, width, rows))
        for _ in range(DEPTH // 2):
            x = to.product(to.product(x, turned), x)
        return x

    return write


def _chain(rows: int, columns: int, step: Step, depth: int = DEPTH) -> Write:
    def write(to: Writer) -> Any:
        x = to.begin(rows, columns)
        for _ in range(depth):
            x = step(to, x)
        return x

    return write


def _softmax(heads: int, rows: int, columns: int) -> Write:
    def write(to: Writer) -> Any:
        x = to.reshape(to.begin(rows, heads * columns), (heads, rows, columns))
        for _ in range(DEPTH):
            x = to.activation(x, "softmax")
        return x

    return write


def _transpose(rows: int, heads: int, width: int) -> Write:
    """Heads to the front, again and again; a change of shape between two of them, lest they cancel."""

    def write(to: Writer) -> Any:
        x = to.begin(rows, heads * width)
        for _ in range(DEPTH):
            turned = to.transpose(to.reshape(x, (rows, heads, width)), (1, 0, 2))
            x = to.reshape(turned, (rows, heads * width))
        return x

    return write


def _look_up(rows: int, columns: int) -> Write:
    return lambda to: to.look_up(rows, columns)


def _lstm(rows: int, columns: int, hidden: int) -> Write:
    return lambda to: to.recurrent(rows, columns, hidden)
