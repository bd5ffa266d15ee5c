"""What is known of a device, as far as the time of a model depends on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Basis = Literal["measured", "published", "spec"]
"""What predictions rest on: latencies measured on the device, those that others published, or the chip alone."""
Kind = Literal["prime", "big", "mid", "little"]
Dtype = Literal["fp32", "fp16", "int8"]

FLOP_PER_MAC = 2
"""A multiply-add is a multiplication and an addition."""
COEFFICIENTS = {
    "call_us": "microseconds that a call takes beside its operators",
    "op_us": "microseconds that an operator takes whatever its size",
    "outside_us": "microseconds more of an operator outside the engine's fast path (LiteRT: outside XNNPACK)",
    "step_us": "microseconds of a step of an LSTM that is one operator, beside its arithmetic",
    "fp32_efficiency": "share of the peak that large fp32 matrix products reach, 0 to 1",
    "fp16_efficiency": "likewise fp16",
    "int8_efficiency": "likewise int8",
    "fp32_gmacs": "1e9 multiply-adds a second of one thread in large fp32 products, where the peak is not known",
    "fp16_gmacs": "likewise fp16",
    "int8_gmacs": "likewise int8",
    "fp32_tile": "columns of a product that fp32 kernels compute together",
    "fp16_tile": "likewise fp16",
    "int8_tile": "likewise int8",
    "fp32_input_ns": "nanoseconds an element of a product's first factor: reading and packing it",
    "fp16_input_ns": "likewise fp16",
    "int8_input_ns": "likewise int8",
    "quantise_input_ns": "nanoseconds more where the product itself turns it into 8-bit numbers",
    "fp32_output_ns": "nanoseconds an element of a product's result, whatever the inner size",
    "fp16_output_ns": "likewise fp16",
    "int8_output_ns": "likewise int8, scaling back included",
    "pack_ns": "nanoseconds an element of a second factor that is computed, not constant: putting it in order",
    "bandwidth_efficiency": "share of the memory bandwidth that weights too large for the caches come at, 0 to 1",
    "memory_gbs": "1e9 bytes a second of such weights, where the bandwidth is not known",
    "weights_gbs": "1e9 bytes a second of weights that the shared cache holds",
    "near_gbs": "1e9 bytes a second of weights that the core's own cache holds",
    "cache_gbs": "1e9 bytes a second of what operators other than products read and write beyond the core's own cache",
    "arithmetic_ns": "nanoseconds an element of an addition or a product, one thread",
    "broadcast_ns": "likewise where a row or a column is repeated",
    "copy_ns": "likewise a copy",
    "transpose_ns": "likewise a change of axes",
    "view_ns": "likewise a change of shape alone",
    "gather_ns": "likewise rows picked from a table",
    "gather_int8_ns": "likewise of a table of 8-bit numbers, which become floats",
    "quantise_ns": "likewise to 8-bit numbers or back, as an operator of its own",
    "softmax_ns": "likewise softmax",
    "gelu_ns": "likewise GELU, or the error function",
    "tanh_ns": "likewise tanh and sigmoid",
    "softmax_row_ns": "nanoseconds more a row of softmax",
    "norm_ns": "likewise a normalisation that is one operator",
    "norm_row_ns": "nanoseconds more a row of it",
    "reduce_ns": "nanoseconds an element that goes into a mean or a sum",
    "reduce_row_ns": "nanoseconds more a row of it",
    "parallel_share": "share of a product's work that more threads divide (Amdahl 1967), 0 to 1",
    "memory_parallel_share": "likewise of the time that weights take from the memory, which all cores share",
    "element_parallel_share": "likewise of all other operators",
    "sync_us": "microseconds more of an operator where there are several threads",
}
"""Coefficients of the cost model that a profile may have for an engine, and what each of them is."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Cores of one kind.

    Attributes:
        kind: "little" cores are those that a benchmark stays away from.
        core: the core's name.
        cores: how many.
        ghz: highest clock, GHz; of a laptop, the one that all its cores keep together.
        fp32: fp32 multiply-adds of one core in a cycle; None where no rule knows.
        fp16: fp16 multiply-adds; None where the core computes them in fp32.
        int8: 8-bit multiply-adds, by the best instruction in `Device.flags` short of i8mm, which doubles them.
        l1_kib: first-level data cache of each core, KiB.
        l2_kib: second-level cache, KiB.
        l2_cores: cores that share it.
        sources: where each number comes from, by its name.
    """

    kind: Kind
    core: str
    cores: int
    ghz: float | None = None
    fp32: float | None = None
    fp16: float | None = None
    int8: float | None = None
    l1_kib: float | None = None
    l2_kib: float | None = None
    l2_cores: int = 1
    sources: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Caches that all cores share, and what lies behind them.

    Attributes:
        kind: of the memory, in words.
        mega_transfers: millions of transfers in a second; None where it is not known.
        bits: width of the bus; likewise.
        l3_mib: cache shared by the cores, MiB.
        slc_mib: cache shared with the rest of the chip, MiB.
        sources: where each number comes from, by its name.
    """

    kind: str
    mega_transfers: float | None = None
    bits: int | None = None
    l3_mib: float = 0
    slc_mib: float = 0
    sources: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def bandwidth_gbs(self) -> float | None:
        """Theoretical bandwidth, 1e9 bytes a second: transfers times width; None where one is not known."""
        return None if self.mega_transfers is None or self.bits is None else self.mega_transfers * self.bits / 8 / 1000


@dataclass(frozen=True, kw_only=True)
class Fit:
    """How an engine's coefficients came about.

    Attributes:
        how: the method.
        on: what was timed: models, shapes, threads; or the published rows.
        when: date, YYYY-MM-DD.
        rows: how many latencies.
        median_error: of the fit, as a share of each latency.
        error_90: nine in ten latencies are within this share.
    """

    how: str
    on: str
    when: str
    rows: int
    median_error: float
    error_90: float


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What the cost model knows of an engine on a device.

    Attributes:
        version: of the engine.
        coefficients: see `COEFFICIENTS`.
        fit: how they came about.
    """

    version: str
    coefficients: Mapping[str, float] = field(hash=False)
    fit: Fit


@dataclass(frozen=True, kw_only=True)
class Device:
    """A device.

    Attributes:
        name: as people call it.
        soc: the chip.
        basis: "measured" or "published" where an engine's coefficients were fitted to such latencies, else "spec".
        clusters: in the order of the core numbers, which is little cores first on phones.
        memory: None where it is not known.
        flags: what the processor can: "dotprod", "i8mm", "fp16", "avx2", "avx512", "vnni".
        flags_source: where this comes from.
        engines: by name: "litert", "tflite-2020", "ort".
        notes: what else has to be known.
    """

    name: str
    soc: str
    basis: Basis
    clusters: tuple[Cluster, ...]
    memory: Memory | None
    flags: frozenset[str]
    flags_source: str
    engines: Mapping[str, Engine] = field(default_factory=dict, hash=False)
    notes: tuple[str, ...] = ()

    @property
    def cores(self) -> int:
        """Cores of all clusters."""
        return sum(cluster.cores for cluster in self.clusters)

    @property
    def big_cores(self) -> tuple[int, ...]:
        """Numbers of all cores that are not little, the first core is 0; all where every core is."""
        kinds = [cluster.kind for cluster in self.clusters for _ in range(cluster.cores)]
        return tuple(i for i, kind in enumerate(kinds) if kind != "little") or tuple(range(self.cores))

    @property
    def big_mask(self) -> str:
        """`big_cores` as `taskset` takes them: hexadecimal, the lowest bit is core 0."""
        return f"{sum(1 << core for core in self.big_cores):x}"

    @property
    def shared_cache_bytes(self) -> int:
        """The last cache before the memory: shared by the cores, else the largest of a cluster."""
        shared = (self.memory.l3_mib + self.memory.slc_mib) * 1024 if self.memory else 0
        return round(1024 * (shared or max(cluster.l2_kib or 0 for cluster in self.clusters)))

    @property
    def own_cache_bytes(self) -> int:
        """The second-level cache that one of the fastest cores has to itself."""
        fastest = max(self.clusters, key=lambda cluster: cluster.ghz or 0)
        return round(1024 * (fastest.l2_kib or 0) / fastest.l2_cores)

    def speedup(self, threads: int) -> float:
        """How many times as much the fastest cores can do together as the fastest alone, one thread each.

        As many times as there are cores at work, where no peak is known.
        """
        one, all_of_them = self.peak_gops("fp32", 1), self.peak_gops("fp32", threads)
        return all_of_them / one if one and all_of_them else float(min(threads, self.cores))

    def peak_gops(self, dtype: Dtype, threads: int) -> float | None:
        """Most operations that the fastest cores can do, 1e9 a second: the sum of clock x multiply-adds x 2.

        Args:
            dtype: of both factors.
            threads: cores at work, one thread each; more than there are count as all.

        Returns:
            None where a clock, or the multiply-adds of this type, is not known.
        """
        rates = [
            None if cluster.ghz is None or (macs := getattr(cluster, dtype)) is None else cluster.ghz * macs
            for cluster in self.clusters
            for _ in range(cluster.cores)
        ]
        known = sorted((rate for rate in rates if rate is not None), reverse=True)
        return FLOP_PER_MAC * sum(known[:threads]) if len(known) == len(rates) else None
