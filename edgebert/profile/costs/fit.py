"""Find an engine's coefficients from latencies: least squares on relative errors, no coefficient below zero.

The formula is linear in unit costs (nanoseconds, or inverse speeds), so one thread's are found at once:

    minimise  sum over latencies of (sum of units x amounts / measured - 1)^2,  units >= 0

and then, with these held fast, the shares that more threads divide and what a meeting of threads costs.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from device_profiles import Device, Fit
from edgebert.profile.costs import formula
from edgebert.profile.costs.known import work_of
from edgebert.profile.costs.work import Node, Work

Array = npt.NDArray[np.float64]
MAX_STEPS = 300
MAX_ROUNDS = 20
TILES = (1, 4, 8, 16, 32, 64)


@dataclass(frozen=True)
class Row:
    """A measured latency.

    Attributes:
        name: of what was timed.
        nodes: its operators.
        threads: of the engine.
        ms: of a call.
    """

    name: str
    nodes: Sequence[Node]
    threads: int
    ms: float


@dataclass(frozen=True)
class Fitted:
    """What a fit found.

    Attributes:
        coefficients: see `device_profiles.device.COEFFICIENTS`.
        errors: predicted / measured - 1 of every row, in their order.
    """

    coefficients: dict[str, float]
    errors: tuple[float, ...]


def fit(rows: Sequence[Row], device: Device, held: Mapping[str, float] | None = None) -> Fitted:
    """Fit coefficients to latencies of one engine on one device.

    They are found for every size of the tiles, of which the best stays.

    Args:
        rows: latencies; those of several threads tell what threads divide.
        device: where they were measured.
        held: coefficients that are known, and stay as they are.

    Raises:
        ValueError: if a row has an operator whose work, or a cost, is not known.
    """
    held = dict(held or {})
    calls = [Call.of(row) for row in rows]
    one = [call for call in calls if call.row.threads == 1]
    coefficients = _units(one, device, held)
    for dtype in _computed(one, held):
        tiles = {name: value for name, value in coefficients.items() if name.endswith("_tile")}
        tried = [_units(one, device, {**held, **tiles, f"{dtype}_tile": tile}) for tile in TILES]
        coefficients = min(tried, key=lambda found: _loss(one, device, found))
    many = [call for call in calls if call.row.threads > 1]
    if many and "parallel_share" not in held:
        coefficients = {**coefficients, **_shares(many, device, coefficients)}
    return Fitted(coefficients, tuple(call.predicted(device, coefficients) / call.row.ms - 1 for call in calls))


@dataclass(frozen=True)
class Call:
    """A row with its work counted."""

    row: Row
    works: tuple[tuple[Node, tuple[Work, ...]], ...]

    @classmethod
    def of(cls, row: Row) -> Call:
        """Count the work of a row.

        Raises:
            ValueError: if that of an operator is not known.
        """
        works = []
        for node in row.nodes:
            found = work_of(node)
            if found is None:
                raise ValueError(f"{row.name}: the work of {node.kind} is not known")
            works.append((node, found))
        return cls(row, tuple(works))

    def paid(self, device: Device, coefficients: Mapping[str, float]) -> tuple[formula.Amounts, formula.Amounts]:
        """Amounts of products, and of all else."""
        setting = formula.Setting.of(device, coefficients, [work for _, works in self.works for work in works])
        products: dict[str, float] = defaultdict(float)
        others: dict[str, float] = defaultdict(float)
        others["call_us"] = 1
        for node, works in self.works:
            parts = [(1, others, formula.overhead(node, works))]
            for work in works:
                side = products if work.kind == "matmul" else others
                parts.append((work.times, side, formula.amounts(work, setting, node.times > 1)))
            for times, side, part in parts:
                for name, amount in part.items():
                    side[name] += node.times * times * amount
        return products, others

    def predicted(self, device: Device, coefficients: Mapping[str, float]) -> float:
        """Milliseconds.

        Raises:
            ValueError: if a cost is not known.
        """
        units, speedup = formula.unit_costs(device, coefficients), device.speedup(self.row.threads)
        setting = formula.Setting.of(device, coefficients, [work for _, works in self.works for work in works])
        total = coefficients.get("call_us", 0.0) / 1000
        for node, works in self.works:
            ms = formula.node_ms(node, works, setting, units, coefficients, speedup)
            if ms is None:
                raise ValueError(f"{self.row.name}: a cost of {node.kind} is not known")
            total += node.times * ms
        return total

    def alone(self, device: Device, coefficients: Mapping[str, float]) -> Array:
        """By one thread: milliseconds [operators, 4] of what no second one takes over, and of `formula.SHARES`."""
        units = formula.unit_costs(device, coefficients)
        setting = formula.Setting.of(device, coefficients, [work for _, works in self.works for work in works])
        nothing = (0.0,) * (1 + len(formula.SHARES))  # of a cost that is not known, which `predicted` refuses
        return np.array([formula.alone(node, works, setting, units) or nothing for node, works in self.works])


def record(how: str, on: str, errors: Sequence[float], rows: int) -> Fit:
    """What a profile says of a fit made today.

    Args:
        how: the method.
        on: what the latencies are of.
        errors: predicted / measured - 1.
        rows: how many latencies it was made on.
    """
    sizes = np.abs(errors)
    return Fit(
        how=how, on=on, when=time.strftime("%Y-%m-%d", time.gmtime()), rows=rows,
        median_error=round(float(np.median(sizes)), 4), error_90=round(float(np.percentile(sizes, 90)), 4),
    )  # fmt: skip


def _computed(calls: Sequence[Call], held: Mapping[str, float]) -> list[str]:
    """Data types of products whose tiles are not known yet."""
    found = {work.dtype for call in calls for _, works in call.works for work in works if work.kind == "matmul"}
    return sorted(dtype for dtype in found if f"{dtype}_tile" not in held)


def _loss(calls: Sequence[Call], device: Device, coefficients: Mapping[str, float]) -> float:
    return float(np.mean([(call.predicted(device, coefficients) / call.row.ms - 1) ** 2 for call in calls]))


def _units(calls: Sequence[Call], device: Device, held: Mapping[str, float]) -> dict[str, float]:
    """All coefficients: those that are not held by least squares."""
    known = formula.unit_costs(device, held)
    totals = []
    for call in calls:
        products, others = call.paid(device, held)
        totals.append({name: products.get(name, 0) + others.get(name, 0) for name in {*products, *others}})
    names = sorted({name for total in totals for name, amount in total.items() if amount} - set(known))
    if not names:
        return dict(held)
    given = np.array([sum(known.get(name, 0) * amount for name, amount in total.items()) for total in totals])
    table = np.array([[total.get(name, 0) for name in names] for total in totals])
    ns = np.array([call.row.ms * 1e6 for call in calls])
    units = nonnegative(table / ns[:, None], 1 - given / ns)
    return {**held, **formula.coefficients_of(device, dict(zip(names, units.tolist(), strict=True)))}


def _shares(calls: Sequence[Call], device: Device, coefficients: Mapping[str, float]) -> dict[str, float]:
    """What threads divide of each class of work, and what a meeting costs.

    With S the speed-up of perfect threads and s_c the share of a class c, an operator that is shared takes

        serial + sum over c of ms_c (1 - s_c + s_c / S) + sync

    which is linear in all 1 - s_c and sync. Which are shared depends on these in turn: all that may be at first, and
    then those that it makes faster, until nothing changes.
    """
    base = coefficients.get("call_us", 0.0) / 1000
    times = [call.alone(device, coefficients) for call in calls]
    counts = [np.array([node.times for node, _ in call.works]) for call in calls]
    gains = [1 - 1 / device.speedup(call.row.threads) for call in calls]
    may = [np.array([formula.may_share(node, works) for node, works in call.works]) for call in calls]
    shared, left, sync = may, np.ones(len(formula.SHARES)), 0.0
    for _ in range(MAX_ROUNDS):
        columns, wanted = [], []
        for call, of, count, gain, mask in zip(calls, times, counts, gains, shared, strict=True):
            serial, *divided = (count[mask] @ of[mask]).tolist()
            rest = base + float(count[~mask] @ of[~mask].sum(axis=1))
            best = rest + serial + sum(divided) * (1 - gain)
            columns.append(np.array([*(gain * ms for ms in divided), count[mask].sum() / 1000]) / call.row.ms)
            wanted.append(1 - best / call.row.ms)
        *found, sync = nonnegative(np.array(columns), np.array(wanted)).tolist()
        left = np.minimum(found, 1.0)
        pays = [
            mask & (gain * (of[:, 1:] @ (1 - left)) > sync / 1000)
            for of, gain, mask in zip(times, gains, may, strict=True)
        ]
        if all(map(np.array_equal, pays, shared)):
            break
        shared = pays
    return {**dict(zip(formula.SHARES, (1 - left).tolist(), strict=True)), "sync_us": sync}


def nonnegative(table: Array, wanted: Array) -> Array:
    """Least squares |table x - wanted| with x >= 0 (Lawson & Hanson 1974, chapter 23).

    Args:
        table: float [rows, columns].
        wanted: float [rows].
    """
    scale = np.linalg.norm(table, axis=0)
    scale[scale == 0] = 1
    table = table / scale
    x = np.zeros(table.shape[1])
    active = np.zeros(table.shape[1], bool)
    for _ in range(MAX_STEPS):
        gain = table.T @ (wanted - table @ x)
        gain[active] = 0
        if gain.max(initial=0) <= 1e-10:
            break
        active[int(gain.argmax())] = True
        while True:
            trial = np.zeros_like(x)
            trial[active] = np.linalg.lstsq(table[:, active], wanted, rcond=None)[0]
            below = active & (trial <= 0)
            if not below.any():
                break
            step = np.min(x[below] / (x[below] - trial[below]))
            x = x + step * (trial - x)
            active &= x > 1e-15
            x[~active] = 0
        x = trial
    found: Array = x / scale
    return found
