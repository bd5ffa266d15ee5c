"""The formula: milliseconds of a piece of work, from a table of coefficients. All of it is on this page.

A product [m, k] x [k, n] in one thread takes

    m k n' / g  +  m k a  +  m n c  +  k n p  +  bytes / b           n' = n, filled up to whole tiles

with g the multiply-adds a second that large products reach, a and c nanoseconds an element that goes in and comes out,
p those of putting a computed second factor in order, and b the speed at which the weights come from where they lie: the
core's own cache, the shared one, or the memory. So its efficiency is 1 / (1 + g (a / n + c / k + w / m)), with w of the
weights: it falls where a size is small. Everything else takes nanoseconds an element, some kinds a row too, and what
does not fit the core's own cache comes from the shared one. Every operator costs something whatever its size. More
threads divide a share of the work (Amdahl 1967), and cost a meeting an operator; engines leave one that is too small
for that to a single thread, and some kinds always.

But for the tiles the time is linear in unit costs: in the coefficients that are nanoseconds, and in the inverses of
those that are speeds. `amounts` says how often each is paid, and `fit` finds them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from device_profiles import Device
from device_profiles.device import FLOP_PER_MAC, Dtype
from edgebert.profile.costs.work import Node, Work

DTYPES: tuple[Dtype, ...] = ("fp32", "fp16", "int8")
MACS: dict[Dtype, str] = {"fp32": "fp32_mac", "fp16": "fp16_mac", "int8": "int8_mac"}
"""Unit costs beside the coefficients that are nanoseconds: of a multiply-add,"""
MEMORY, WEIGHTS, NEAR, CACHE = "memory_byte", "weights_byte", "near_byte", "cache_byte"
"""and of a byte: of weights from the memory, the shared cache or the own one, of other numbers from the shared one."""
SPEEDS = {MEMORY: "memory_gbs", WEIGHTS: "weights_gbs", NEAR: "near_gbs", CACHE: "cache_gbs"}
"""The speeds that these are the inverse of."""
SERIAL = ("call_us", "op_us", "outside_us", "step_us")
"""What no second thread takes over."""
SHARES = ("parallel_share", "memory_parallel_share", "element_parallel_share")
"""The share that threads divide of each class of work: products, the way of their weights from the memory, the rest."""
LEAST = 1e-4
"""Nanoseconds of a multiply-add or a byte that no latency tells from nothing."""

Amounts = dict[str, float]


@dataclass(frozen=True)
class Setting:
    """What the amounts of a piece of work depend on beside itself.

    Attributes:
        own_cache: bytes of the cache that a core has to itself.
        weights: where those of a call come from: a cache that does not hold all of them holds none when it is their
            turn again.
        tiles: columns that kernels compute together, by data type.
    """

    own_cache: int
    weights: str
    tiles: Mapping[str, float]

    @classmethod
    def of(cls, device: Device, coefficients: Mapping[str, float], works: Sequence[Work]) -> Setting:
        """For the works of a call; those of a loop's step count once."""
        tiles: dict[str, float] = {dtype: coefficients.get(f"{dtype}_tile", 1) for dtype in DTYPES}
        total = sum(work.constants for work in works)
        place = NEAR if total <= device.own_cache_bytes else WEIGHTS if total <= device.shared_cache_bytes else MEMORY
        return cls(device.own_cache_bytes, place, tiles)


def amounts(work: Work, setting: Setting, is_repeated: bool) -> Amounts:
    """How many units of each cost a piece of work is, done once, in one thread.

    Args:
        work: the work.
        setting: of the call.
        is_repeated: whether it is a step of a loop, whose weights stay in the core's own cache if they fit.
    """
    if work.kind != "matmul":
        beyond = 0 if work.kind == "view" else max(work.bytes - setting.own_cache, 0)
        return {f"{work.kind.replace('-', '_')}_ns": work.elements, CACHE: beyond, **_by_row(work)}
    tile = setting.tiles[work.dtype]
    stays = (is_repeated or work.times > 1) and work.constants <= setting.own_cache
    return {
        MACS[work.dtype]: work.batch * work.m * work.k * -(-work.n // tile) * tile,
        NEAR if stays else setting.weights: work.constants,
        f"{work.dtype}_input_ns": work.batch * work.m * work.k,
        f"{work.dtype}_output_ns": work.batch * work.m * work.n,
        "quantise_input_ns": work.quantised,
        "pack_ns": work.packed,
    }


def _by_row(work: Work) -> Amounts:
    return {f"{work.kind}_row_ns": work.rows} if work.rows else {}


def overhead(node: Node, works: Sequence[Work]) -> Amounts:
    """What an operator costs whatever its size, once."""
    steps = max((work.times for work in works), default=1)
    return {"op_us": 1, "outside_us": int(node.is_outside), "step_us": steps if steps > 1 else 0}


def unit_costs(device: Device, coefficients: Mapping[str, float]) -> dict[str, float]:
    """Nanoseconds of one unit of every cost that the coefficients tell, one thread."""
    found = {name: 1000 * value for name, value in coefficients.items() if name.endswith("_us")}
    found |= {name: value for name, value in coefficients.items() if name.endswith("_ns")}
    for dtype, name in MACS.items():
        peak = device.peak_gops(dtype, 1)
        if peak and f"{dtype}_efficiency" in coefficients:
            found[name] = FLOP_PER_MAC / (peak * coefficients[f"{dtype}_efficiency"])
        elif f"{dtype}_gmacs" in coefficients:
            found[name] = 1 / coefficients[f"{dtype}_gmacs"]
    bandwidth = device.memory.bandwidth_gbs if device.memory else None
    if bandwidth and "bandwidth_efficiency" in coefficients:
        found[MEMORY] = 1 / (bandwidth * coefficients["bandwidth_efficiency"])
    return found | {unit: 1 / coefficients[name] for unit, name in SPEEDS.items() if name in coefficients}


def coefficients_of(device: Device, units: Mapping[str, float]) -> dict[str, float]:
    """The inverse of `unit_costs`; speeds as shares of the peak where that is known.

    A cost of nothing, which no speed has, becomes `LEAST`.
    """
    found = {name: value / 1000 for name, value in units.items() if name.endswith("_us")}
    found |= {name: value for name, value in units.items() if name.endswith("_ns")}
    for dtype, name in MACS.items():
        if name in units:
            peak, speed = device.peak_gops(dtype, 1), 1 / max(units[name], LEAST)
            found |= {f"{dtype}_efficiency": FLOP_PER_MAC * speed / peak} if peak else {f"{dtype}_gmacs": speed}
    bandwidth = device.memory.bandwidth_gbs if device.memory else None
    for unit, name in SPEEDS.items():
        if unit in units:
            speed = 1 / max(units[unit], LEAST)
            is_share = unit == MEMORY and bandwidth
            found |= {"bandwidth_efficiency": speed / bandwidth} if is_share and bandwidth else {name: speed}
    return found


def alone(
    node: Node, works: Sequence[Work], setting: Setting, units: Mapping[str, float]
) -> tuple[float, ...] | None:  # fmt: skip
    """One thread's milliseconds for an operator, run once: what no second thread takes over, then each of `SHARES`.

    Args:
        node: the operator.
        works: what it does.
        setting: of the call.
        units: see `unit_costs`.

    Returns:
        None if a cost is not known.
    """
    parts = [(1, False, overhead(node, works))]
    parts += [(w.times, w.kind == "matmul", amounts(w, setting, node.times > 1)) for w in works]
    found = [0.0] * (1 + len(SHARES))
    for times, is_product, part in parts:
        for name, count in part.items():
            if count and name not in units:
                return None
            place = 0 if name in SERIAL else 2 if name == MEMORY else 1 if is_product else 3
            found[place] += times * units.get(name, 0.0) * count / 1e6
    return tuple(found)


def node_ms(
    node: Node, works: Sequence[Work], setting: Setting, units: Mapping[str, float],
    coefficients: Mapping[str, float], speedup: float,
) -> float | None:  # fmt: skip
    """The time of one operator, run once: by all threads, or by one where sharing it would take longer.

    Args:
        node: the operator.
        works: what it does.
        setting: of the call.
        units: see `unit_costs`.
        coefficients: for the shares that threads divide, and what their meeting costs.
        speedup: how many times as much all threads can do as one: T of equal cores.

    Returns:
        None if a cost is not known.
    """
    found = alone(node, works, setting, units)
    if found is None or speedup == 1 or not may_share(node, works):
        return None if found is None else sum(found)
    serial, *divided = found
    shares = [coefficients.get(name, 0.0) for name in SHARES]
    shared = serial + sum(ms * (1 - share + share / speedup) for ms, share in zip(divided, shares, strict=True))
    return min(sum(found), shared + coefficients.get("sync_us", 0.0) / 1000)


def may_share(node: Node, works: Sequence[Work]) -> bool:
    """Whether more than one thread can work on an operator.

    Not on LiteRT's own kernels, outside XNNPACK, but for their products, and in no engine on the steps of an LSTM with
    8-bit weights, each too small to be divided.
    """
    is_product = any(work.kind == "matmul" for work in works)
    is_small_step = any(work.times > 1 and work.dtype == "int8" for work in works)
    return (is_product or not node.is_outside) and not is_small_step
