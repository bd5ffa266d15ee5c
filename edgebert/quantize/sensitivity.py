"""Which few blocks cost the metric: each alone is quantised, the worst stay in float32 until the loss is allowed.

A block is ranked by what it does when it alone is quantised, all others in float32: two bad blocks then show each by
itself, where leaving out either would not help. The measure is the mean change of the probabilities, since single
blocks hardly move a metric on a few hundred rows. Runs: one a block, and one for each block left out.
"""

from __future__ import annotations

from converters.graph_spec import Format
from edgebert import console
from edgebert.quantize.blocks import blocks
from edgebert.quantize.choice import Attempt
from edgebert.quantize.workshop import Workshop


def leave_out(shop: Workshop, plain: Attempt, format: Format, max_loss: float) -> list[Attempt]:
    """Leave blocks of a quantised model in float32, the worst first, until it loses little enough.

    Files stay smaller than half the fp32 ones: beyond that fp16 is the better answer.

    Args:
        shop: makes and scores candidates.
        plain: the scheme as it is, which loses more than ``max_loss``.
        format: of the files.
        max_loss: points.

    Returns:
        What was tried, each with one more block in float32; only the last may be good enough.
    """
    files = shop.float_files(format)
    parts = blocks(shop.float_path(files[0], plain.scheme), format)
    if len(parts) < 2:
        return []
    harm = {}
    for name in console.track(list(parts), f"{format} {plain.scheme}: which blocks cost the metric"):
        others = tuple(other for other in parts if other != name)
        loss = shop.attempt(plain.scheme, format, others, keep=False).loss
        assert loss is not None  # without a score there is no loss to search for
        harm[name] = loss.change

    limit = sum(file.bytes for file in files) // 2
    tried: list[Attempt] = []
    in_float: tuple[str, ...] = ()
    size = plain.bytes
    for name in sorted((name for name in parts if harm[name]), key=lambda name: -harm[name]):
        more = len(files) * parts[name].bytes * 3 // 4  # float32 in place of int8
        if size + more > limit:
            continue
        in_float = (*in_float, name)
        tried.append(shop.attempt(plain.scheme, format, in_float))
        size = tried[-1].bytes
        if good(tried[-1], max_loss):
            break
    return tried


def good(attempt: Attempt, max_loss: float) -> bool:
    """Whether an attempt loses little enough; one that was never scored is taken on trust, `verify` will tell."""
    return attempt.loss is None or (attempt.loss.failure is None and attempt.loss.drop <= max_loss)
