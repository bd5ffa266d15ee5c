"""The formula: milliseconds of a piece of work, from a table of coefficients. All of it is on this page.

A product [m, k] x [k, n] in one thread takes

    m k n' / g  +  m k a  +  m n c  +  k n p  +  bytes / b        n' = n, filled up to whole tiles

with g the multiply-adds a second that large products reach, a and c nanoseconds an element that goes in and comes out,
p those of putting a computed second factor in order, b the speed at which the weights come from where they lie. So its
efficiency falls as 1 / (1 + g (a / n + c / k + p / m)) where n, k or m is small. Everything else takes nanoseconds an
element, and what does not fit the core's own cache comes from the shared one. Every operator costs something whatever
its size. More threads divide a share of this (Amdahl 1967), and cost a meeting an operator.

The time is linear in the coefficients, or in their inverses where they are speeds: `amounts` says how often each is
paid, and `fit` finds them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from device_profiles import Device
from device_profiles.device import Dtype
from edgebert.profile.costs.work import Node, Work

TILE = 16
"""Columns of a result that kernels compute together."""
NS = {
    "arithmetic": "arithmetic_ns", "copy": "copy_ns", "transpose": "transpose_ns", "view": "view_ns",
    "gather": "gather_ns", "quantise": "quantise_ns", "softmax": "softmax_ns", "gelu": "gelu_ns", "tanh": "tanh_ns",
    "norm": "norm_ns", "reduce": "reduce_ns",
}  # fmt: skip
"""The coefficient of each kind of work that is no product."""
MACS = {"fp32": "fp32_macs", "fp16": "fp16_macs", "int8": "int8_macs"}
"""Unit costs beside the coefficients that are nanoseconds: of a multiply-add,"""
MEMORY, CACHE = "memory_byte", "cache_byte"
"""and of a byte, from the memory and from the shared cache."""
SERIAL = ("call_us", "op_us", "outside_us", "step_us")
"""What no second thread takes over."""

Amounts = dict[str, float]


@dataclass(frozen=True)
class Caches:
    """Where bytes come from.

    Attributes:
        own: bytes of the cache that a core has to itself.
        shared: bytes of the cache that all share.
        weights: bytes of all constants that a call reads: more than `shared`, and every call fetches them anew.
    """

    own: int
    shared: int
    weights: int

    @classmethod
    def of(cls, device: Device, works: Sequence[tuple[Work, int]]) -> Caches:
        """For a call's works and how often each is done."""
        return cls(device.own_cache_bytes, device.shared_cache_bytes, sum(work.constants for work, _ in works))


def amounts(work: Work, caches: Caches) -> Amounts:
    """How many units of each cost a piece of work is, done once, in one thread."""
    if work.kind != "matmul":
        return {NS[work.kind]: work.elements, CACHE: max(work.bytes - caches.own, 0)}
    rows, columns = work.batch * work.m, -(-work.n // TILE) * TILE
    found: Amounts = {
        MACS[work.dtype]: rows * work.k * columns,
        f"{work.dtype}_input_ns": rows * work.k,
        f"{work.dtype}_output_ns": rows * work.n,
        "quantise_input_ns": work.quantised,
        "pack_ns": work.packed,
    }
    far = MEMORY if caches.weights > caches.shared else CACHE
    found[far] = work.constants if caches.weights > caches.own else 0
    return found


def overhead(node: Node, works: Sequence[Work]) -> Amounts:
    """What an operator costs whatever its size, once."""
    steps = max((work.times for work in works), default=1)
    return {"op_us": 1, "outside_us": int(node.is_outside), "step_us": steps if steps > 1 else 0}


def unit_costs(device: Device, coefficients: Mapping[str, float]) -> dict[str, float]:
    """Nanoseconds of one unit of every cost that the coefficients tell, one thread."""
    found = {name: value * 1000 if name.endswith("_us") else value for name, value in coefficients.items()
             if name.endswith(("_us", "_ns"))}  # fmt: skip
    for dtype, name in MACS.items():
        if speed := gmacs(device, coefficients, dtype):  # type: ignore[arg-type]
            found[name] = 1 / speed
    bandwidth = device.memory.bandwidth_gbs if device.memory else None
    if "memory_gbs" in coefficients:
        found[MEMORY] = 1 / coefficients["memory_gbs"]
    elif bandwidth and "bandwidth_efficiency" in coefficients:
        found[MEMORY] = 1 / (bandwidth * coefficients["bandwidth_efficiency"])
    if "cache_gbs" in coefficients:
        found[CACHE] = 1 / coefficients["cache_gbs"]
    return found


def gmacs(device: Device, coefficients: Mapping[str, float], dtype: Dtype) -> float | None:
    """1e9 multiply-adds a second of large products in one thread; None where nothing tells."""
    peak = device.peak_gops(dtype, 1)
    if peak and f"{dtype}_efficiency" in coefficients:
        return peak / 2 * coefficients[f"{dtype}_efficiency"]
    return coefficients.get(f"{dtype}_gmacs")


def milliseconds(
    parts: Amounts, units: Mapping[str, float], coefficients: Mapping[str, float], speedup: float, is_product: bool
) -> float | None:
    """The time of amounts.

    Args:
        parts: see `amounts`.
        units: see `unit_costs`.
        coefficients: for the shares that threads divide.
        speedup: how many times as much all threads can do as one: T of equal cores.
        is_product: whether it is a product's work.

    Returns:
        None if a cost is not known.
    """
    if any(count and name not in units for name, count in parts.items()):
        return None
    serial = sum(units[name] * count for name, count in parts.items() if count and name in SERIAL)
    divided = sum(units[name] * count for name, count in parts.items() if count and name not in SERIAL)
    share = coefficients.get("parallel_share" if is_product else "element_parallel_share", 0.0)
    return (serial + divided * (1 - share + share / speedup)) / 1e6
