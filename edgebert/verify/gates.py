"""When a file is good enough, and in which words it is not."""

from __future__ import annotations

from edgebert.recipes.options import VerifyOptions
from edgebert.tasks.kinds import Kind
from edgebert.verify.compare import Comparison


def reasons(scheme: str, found: Comparison, kind: Kind, options: VerifyOptions) -> tuple[str, ...]:
    """Why a file of this scheme may not ship; nothing if it may.

    fp32 is the student itself in another form, so it must agree on every row; a quantised file may change answers as
    long as the metric holds.
    """
    if scheme == "fp32":
        return tuple(_exact(found, kind, options.fp32_tolerance))
    why = []
    allowed = options.fp16_max_drop if scheme == "fp16" else options.max_drop
    if found.drop > allowed:
        why.append(f"{kind.METRIC} drops by {found.drop:.2f} points against the student; {allowed:g} are allowed.")
    if found.constant:
        why.append("It answers the same for every row: it does not read its inputs.")
    return tuple(why)


def _exact(found: Comparison, kind: Kind, tolerance: float) -> list[str]:
    why = []
    if found.agreement is not None and found.agreement < 100:
        why.append(f"It gives another answer than the student on {100 - found.agreement:.2f} % of the rows.")
    if found.max_change > tolerance:
        why.append(
            f"It differs from the student's by {found.max_change:.2g} in {kind.VALUE}; {tolerance:g} is allowed."
        )
    return why
