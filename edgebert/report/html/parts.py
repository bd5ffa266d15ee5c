"""What only the page shows: bars of lengths, the balance of labels, operators, stages."""

from __future__ import annotations

import math

from markupsafe import Markup

from edgebert.report import words
from edgebert.report.report import Report
from edgebert.report.tables import Table

WIDTH, HEIGHT, FLOOR, GAP = 440, 220, 176, 4
LABELS_SHOWN = 20


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
        tall = (FLOOR - 44) * rows / most
        parts.append(_svg(
            '<rect class="bar" x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}"><title>{title}</title></rect>'
            '<text class="tick middle" x="{m:.1f}" y="{t:.1f}">{share}</text>'
            '<text class="tick middle" x="{m:.1f}" y="{under}">{end}</text>',
            x=8 + i * wide + GAP / 2, y=FLOOR - tall, w=wide - GAP, h=tall, m=8 + (i + 0.5) * wide, t=FLOOR - tall - 5,
            share=f"{100 * rows / found.rows:.0f} %" if rows else "", under=FLOOR + 15,
            end=f"≤ {end}" if end else "more", title=f"{'at most ' + str(end) if end else 'more'} tokens: {rows} rows",
        ))  # fmt: skip
    ends = [end for end, _ in bins]
    for length, share in found.cut.items():
        if (place := _place(ends, length)) is not None:
            parts.append(_svg(
                '<line class="cut" x1="{x:.1f}" x2="{x:.1f}" y1="14" y2="{floor}"/>'
                '<text class="label {anchor}" x="{t:.1f}" y="10">{words}</text>',
                x=8 + place * wide, floor=FLOOR, t=8 + place * wide + (0 if place < len(bins) - 0.5 else 2),
                anchor="middle" if place < len(bins) - 0.5 else "end", words=f"{length}: {100 * share:.1f} % cut",
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


def balance(report: Report) -> Table | None:
    """Rows of each label in each split; None where rows have no labels to count."""
    counts = report.sanity.balance if report.sanity else {}
    names = list(next(iter(counts.values()), {}))
    if not names:
        return None
    rows = [
        [label, *(f"{of[label]} ({100 * of[label] / max(sum(of.values()), 1):.0f} %)" for of in counts.values())]
        for label in names[:LABELS_SHOWN]
    ]
    more = [f"The first {LABELS_SHOWN} of {len(names)} labels."] if len(names) > LABELS_SHOWN else []
    return Table("Rows of each label", ["label", *counts], rows, more)


def padding(report: Report) -> Table | None:
    """The same rows padded to several lengths; None where no file takes several."""
    checks = report.scores.padding if report.scores else ()
    rows = [
        [
            f"{words.FORMATS.get(check.format, check.format)} {check.scheme}", str(check.rows),
            ", ".join("unpadded" if length is None else str(length) for length in check.lengths),
            words.change(check.max_probability_difference), "passed" if check.passed else "REJECTED",
        ]
        for check in checks
    ]  # fmt: skip
    columns = ["files", "rows", "padded to", "largest difference of a probability", "gate"]
    note = "fp32 files have to agree; a quantised one may scale its numbers by what the padding holds."
    return Table("The same rows at several lengths", columns, rows, [note]) if rows else None


def operators(report: Report) -> Table | None:
    """Time by operator, of files whose engine can tell; None where none could."""
    of_file: dict[str, float] = {}
    for one in report.operators:
        of_file[one.file] = of_file.get(one.file, 0.0) + one.ms
    rows = [
        [one.file, one.operator, str(one.calls), words.ms(one.ms), f"{100 * one.ms / of_file[one.file]:.0f} %"]
        for one in sorted(report.operators, key=lambda one: (one.file, -one.ms))
    ]
    engines = words.listed(one.engine for one in report.operators)
    note = f"Of one call, as the engine's own profiler tells it ({engines}); being watched takes time too."
    return Table("Time by operator", ["file", "operator", "calls", "ms", "share"], rows, [note]) if rows else None


def stages(report: Report) -> Table:
    """How long each stage took, on which machine, by which code."""
    rows = [
        [
            one.name,
            f"{one.seconds:.1f}",
            one.revision or "",
            words.machine(one.machine["processor"], one.machine["cores"]),
        ]
        for one in report.stages
    ]
    return Table("Stages", ["stage", "seconds", "revision", "machine"], rows)


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
