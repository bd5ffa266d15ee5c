"""How matrix products are cut, so that the weights of each stay in a cache while all rows are multiplied by them.

XNNPACK takes a few rows at a time through all weights of a product: what a cache does not hold comes from memory again
for each of them.
"""

from __future__ import annotations

import math

CACHE = 2**20
"""Bytes of weights that a product may have: the second-level cache of a core has 0.5 to 2 MiB."""
KERNEL = 32
"""Columns that the widest kernels compute at once; a product of other widths takes narrower ones, which are slower."""


def fits(weights: int, bytes_each: int) -> bool:
    """Whether a cache holds so many weights."""
    return weights * bytes_each <= CACHE


def parts(units: int, bytes_each: int) -> int:
    """Into how many equal parts ``units`` are cut: the fewest that a cache holds, of widths that suit the kernels.

    Args:
        units: what is cut: hidden units of an FFN, or heads.
        bytes_each: of the weights that belong to a unit, in one product.
    """
    least = math.ceil(units * bytes_each / CACHE)
    if least == 1:
        return 1
    equal = [count for count in range(least, 2 * least + 1) if units % count == 0]
    suiting = [count for count in equal if units // count % KERNEL == 0]
    return (suiting or equal or [1])[0]
