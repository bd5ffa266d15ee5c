"""How many tokens rows have, as SVG, with a line at each length that texts are cut at."""

from __future__ import annotations

import math

from markupsafe import Markup

from edgebert.report.report import Report

WIDTH, HEIGHT, FLOOR, GAP = 440, 220, 176, 4


def lengths(report: Report) -> Markup | None:
    """How many tokens rows have, with a line at each length that texts are cut at; None before there is a task."""
    if report.sanity is None:
        return None
    found = report.sanity.lengths
    bins = list(found.histogram)
    while len(bins) > 1 and not bins[-1][1]:
        bins.pop()
    most, wide = max(rows for _, rows in bins), (WIDTH - 16) / len(bins)
    parts = []
    for i, (end, rows) in enumerate(bins):
        tall = (FLOOR - 60) * rows / most
        parts.append(_svg(
            '<rect class="bar" x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}"><title>{title}</title></rect>'
            '<text class="tick middle" x="{m:.1f}" y="{t:.1f}">{share}</text>'
            '<text class="tick middle" x="{m:.1f}" y="{under}">{end}</text>',
            x=8 + i * wide + GAP / 2, y=FLOOR - tall, w=wide - GAP, h=tall, m=8 + (i + 0.5) * wide, t=FLOOR - tall - 5,
            share=f"{100 * rows / found.rows:.0f} %" if rows else "", under=FLOOR + 15,
            end=f"≤ {end}" if end else "more", title=f"{'at most ' + str(end) if end else 'more'} tokens: {rows} rows",
        ))  # fmt: skip
    ends = [end for end, _ in bins]
    for i, (length, share) in enumerate(found.cut.items()):
        if (place := _place(ends, length)) is not None:
            parts.append(_svg(
                '<line class="cut" x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{floor}"/>'
                '<text class="label end" x="{t:.1f}" y="{y}">{words}</text>',
                x=8 + place * wide, floor=FLOOR, t=5 + place * wide, y=11 + 13 * (i % 3), top=2 + 13 * (i % 3),
                words=f"{length} cuts {100 * share:.1f} %",
            ))  # fmt: skip
    title = f"Tokens of {found.rows} rows"
    cuts = "; ".join(f"{length} tokens cut {100 * share:.1f} %" for length, share in found.cut.items())
    shares = "; ".join(f"at most {end or 'any number of'} tokens: {rows} rows" for end, rows in bins)
    return _svg(
        '<figure class="chart"><figcaption>{title}</figcaption><svg viewBox="0 0 {w} {h}" role="img" '
        'aria-label="{title}: {shares}; {cuts}">{parts}<text class="axis middle" x="{m}" y="{below}">tokens of a row, '
        "before cutting</text></svg></figure>",
        title=title, w=WIDTH, h=HEIGHT, shares=shares, cuts=cuts, parts=Markup("").join(parts), m=WIDTH / 2,
        below=HEIGHT - 8,
    )  # fmt: skip


def _place(ends: list[int | None], length: int) -> float | None:
    """Where a length stands among the bins, in bins from the left; None beyond the last."""
    before = 0
    for i, end in enumerate(ends):
        if end is None:
            return None
        if length <= end:
            # Bins double: within one, the place goes with the logarithm.
            return i + (math.log(length / before) / math.log(end / before) if before else length / end)
        before = end
    return None


def _svg(template: str, **values: object) -> Markup:
    return Markup(template).format(**values)
