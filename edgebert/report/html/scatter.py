"""A scatter plot as SVG: score upwards, cost to the right on a log axis, the Pareto front as a step line."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

WIDTH, HEIGHT = 440, 330
LEFT, RIGHT, TOP, BOTTOM = 46, 16, 26, 48
CHARACTER, LINE = 6.4, 12.0
"""Width and height of a letter of a label, in the units of the drawing."""
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Mark:
    """A point: where, what is written beside it and shown on pointing at it, its shape and its class of style."""

    x: float
    y: float
    label: str
    title: str
    shape: str
    style: str


@dataclass(frozen=True)
class Line:
    """A cost without a score: a vertical line."""

    x: float
    label: str


@dataclass(frozen=True)
class Scatter:
    """A plot.

    Attributes:
        title: heading, and the name that a screen reader speaks.
        x_label: what the horizontal axis is, with its unit.
        y_label: what the vertical axis is.
        marks: at least one; costs above 0.
        front: places in `marks` of the Pareto front, cheapest first.
        lines: costs without a score.
        unit: a cost in words.
    """

    title: str
    x_label: str
    y_label: str
    marks: Sequence[Mark]
    front: Sequence[int]
    lines: Sequence[Line]
    unit: Callable[[float], str]

    def svg(self) -> Markup:
        """The drawing, with every mark's numbers as its title."""
        parts = [self._axes(), self._front(), *(self._line(line) for line in self.lines)]
        parts += [_shape(mark, *self._place(mark)) for mark in self.marks]
        parts.append(self._labels())
        described = "; ".join(mark.title for mark in self.marks)
        return Markup(
            '<figure class="chart"><figcaption>{title}</figcaption>'
            '<svg viewBox="0 0 {w} {h}" role="img" aria-label="{title}: {described}">{parts}</svg></figure>'
        ).format(title=self.title, w=WIDTH, h=HEIGHT, described=described, parts=Markup("").join(parts))

    def _x(self, value: float) -> float:
        low, high = self._costs
        share = (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def _y(self, value: float) -> float:
        low, high = self._scores
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    def _place(self, mark: Mark) -> tuple[float, float]:
        return self._x(mark.x), self._y(mark.y)

    @property
    def _costs(self) -> tuple[float, float]:
        values = [mark.x for mark in self.marks] + [line.x for line in self.lines]
        return min(values) / 1.35, max(values) * 1.35

    @property
    def _scores(self) -> tuple[float, float]:
        values = [mark.y for mark in self.marks]
        room = max(0.15 * (max(values) - min(values)), 0.25)
        return min(values) - room, max(values) + room

    def _axes(self) -> Markup:
        bottom = HEIGHT - BOTTOM
        parts = []
        for value in log_ticks(*self._costs):
            x = self._x(value)
            parts.append(_svg('<line class="grid" x1="{x}" x2="{x}" y1="{a}" y2="{b}"/>', x=x, a=TOP, b=bottom))
            parts.append(_text(x, bottom + 14, f"{value:g}", "tick middle"))
        for value in ticks(*self._scores):
            y = self._y(value)
            parts.append(_svg('<line class="grid" x1="{a}" x2="{b}" y1="{y}" y2="{y}"/>', y=y, a=LEFT, b=WIDTH - RIGHT))
            parts.append(_text(LEFT - 6, y + 3.5, f"{value:g}", "tick end"))
        parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, self.x_label, "axis middle"))
        parts.append(_text(6, TOP - 11, self.y_label, "axis"))
        return Markup("").join(parts)

    def _front(self) -> Markup:
        points = [self._place(self.marks[i]) for i in self.front]
        if not points:
            return Markup("")
        path = f"M{points[0][0]:.1f},{points[0][1]:.1f}" + "".join(f"H{x:.1f}V{y:.1f}" for x, y in points[1:])
        return _svg('<path class="front" d="{path}H{end}"/>', path=path, end=WIDTH - RIGHT)

    def _steps(self) -> list[Box]:
        """The front's pieces, that no label may lie on."""
        points = [self._place(self.marks[i]) for i in self.front]
        ends = [*(x for x, _ in points[1:]), float(WIDTH - RIGHT)]
        level = [(x, y - 1, end, y + 1) for (x, y), end in zip(points, ends, strict=True)]
        return level + [(x - 1, up, x + 1, down) for (_, down), (x, up) in pairwise(points)]

    def _line(self, line: Line) -> Markup:
        x = self._x(line.x)
        rule = _svg('<line class="reference" x1="{x}" x2="{x}" y1="{a}" y2="{b}"/>', x=x, a=TOP, b=HEIGHT - BOTTOM)
        return rule + _text(x - 4, HEIGHT - BOTTOM - 6, f"{line.label} {self.unit(line.x)}", "label end")

    def _labels(self) -> Markup:
        """Each label at the first side of its mark that is free; one without room is left to pointing at the mark."""
        taken: list[Box] = [(x - 5, y - 5, x + 5, y + 5) for x, y in map(self._place, self.marks)]
        taken += self._steps()
        for line in self.lines:
            x, wide = self._x(line.x), CHARACTER * len(f"{line.label} {self.unit(line.x)}")
            taken += [
                (x - 4 - wide, HEIGHT - BOTTOM - 18, x, HEIGHT - BOTTOM - 2),
                (x - 1, TOP, x + 1, HEIGHT - BOTTOM),
            ]
        parts = []
        order = sorted(range(len(self.marks)), key=lambda i: (i not in self.front, self.marks[i].x))
        for i in order:
            mark, (x, y) = self.marks[i], self._place(self.marks[i])
            wide = CHARACTER * len(mark.label)
            for left, base in _sides(x, y, wide):
                box = (left, base - LINE + 2, left + wide, base + 3)
                if _inside(box) and not any(_overlap(box, other) for other in taken):
                    taken.append(box)
                    parts.append(_text(left, base, mark.label, "label"))
                    break
        return Markup("").join(parts)


def log_ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten between two numbers above 0; where these are many, powers of ten alone."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [step * 10.0**power for power in powers for step in (1, 2, 5) if low <= step * 10.0**power <= high]
    return found if len(found) <= 9 else [value for value in found if math.log10(value) % 1 == 0]


def ticks(low: float, high: float) -> list[float]:
    """Four to eight round numbers between two."""
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    first = math.ceil(low / step)
    return [round(k * step, 9) for k in range(first, math.floor(high / step) + 1)]


def _sides(x: float, y: float, wide: float) -> list[tuple[float, float]]:
    """Left end and base line of a label to the right of a mark, above, below, to the left, and at its corners."""
    return [
        (x + 9, y + 4), (x - wide / 2, y - 9), (x - wide / 2, y + 17), (x - 9 - wide, y + 4),
        (x + 6, y - 8), (x + 6, y + 16), (x - 6 - wide, y - 8), (x - 6 - wide, y + 16),
        (x - wide / 2, y - 21), (x - wide / 2, y + 29),
    ]  # fmt: skip


def _inside(box: Box) -> bool:
    return box[0] >= LEFT and box[1] >= TOP - 8 and box[2] <= WIDTH - 2 and box[3] <= HEIGHT - BOTTOM


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _shape(mark: Mark, x: float, y: float) -> Markup:
    if mark.shape == "circle":
        shape = _svg('<circle cx="{x}" cy="{y}" r="5"/>', x=x, y=y)
    elif mark.shape == "square":
        shape = _svg('<rect x="{a}" y="{b}" width="9" height="9"/>', a=x - 4.5, b=y - 4.5)
    else:
        shape = _svg('<path d="M{x},{a}L{r},{y}L{x},{b}L{l},{y}Z"/>', x=x, y=y, a=y - 6, b=y + 6, r=x + 6, l=x - 6)
    return Markup('<g class="mark {style}"><title>{title}</title>{shape}</g>').format(
        style=mark.style, title=mark.title, shape=shape
    )


def _text(x: float, y: float, text: str, style: str) -> Markup:
    return _svg('<text class="{style}" x="{x}" y="{y}">{text}</text>', style=style, x=x, y=y, text=escape(text))


def _svg(template: str, **values: object) -> Markup:
    rounded = {name: f"{value:.1f}" if isinstance(value, float) else value for name, value in values.items()}
    return Markup(template).format(**rounded)
