"""Device profiles on the terminal: which there are, and every number of one with its source."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import device_profiles
from device_profiles import Device
from edgebert import console

THREADS = 4
"""Threads of the peaks that are shown: as many as phones have big cores."""


def show_all() -> None:
    """One line a device."""
    console.table(
        "devices",
        ("name", "chip", "cores", "fp32", "int8", "GB/s", "basis"),
        [_line(name, device_profiles.load(name)) for name in device_profiles.names()],
    )
    console.say(
        f"fp32, int8: peak of the {THREADS} fastest cores, 1e9 operations a second (clock x multiply-adds x 2). GB/s: "
        'of the memory, in theory. basis "spec": nothing was measured there; "published": those of others.'
    )


def show(name: str) -> None:
    """All that is known of one device.

    Args:
        name: of a profile, or the path of a TOML file.
    """
    device = device_profiles.load(name)
    console.say(f"{device.name}: {device.soc}, basis {device.basis}")
    console.say(f"big cores: {', '.join(map(str, device.big_cores))} (taskset {device.big_mask})")
    console.say(f"instructions: {', '.join(sorted(device.flags)) or 'none of note'} ({device.flags_source})")
    for cluster in device.clusters:
        console.table(f"{cluster.kind}: {cluster.core}", ("", "value", "source"), _numbers(cluster))
    if device.memory:
        console.table(f"memory: {device.memory.kind}", ("", "value", "source"), _numbers(device.memory))
    for engine, found in device.engines.items():
        rows = [(key, f"{value:g}") for key, value in found.coefficients.items()]
        console.table(f"{engine} {found.version}", ("coefficient", "value"), rows)
        fit = found.fit
        console.say(
            f"{fit.how}, on {fit.on}, {fit.when}: {fit.rows} latencies, median error {100 * fit.median_error:.1f} %"
        )
    for note in device.notes:
        console.say(note)


def _line(name: str, device: Device) -> tuple[object, ...]:
    peaks = [device.peak_gops(dtype, THREADS) for dtype in ("fp32", "int8")]
    bandwidth = device.memory.bandwidth_gbs if device.memory else None
    return (
        name, device.soc, device.cores, *("" if peak is None else f"{peak:.0f}" for peak in peaks),
        "" if bandwidth is None else f"{bandwidth:.1f}", device.basis,
    )  # fmt: skip


def _numbers(part: Any) -> list[tuple[str, str, str]]:
    names = [one.name for one in fields(part) if one.name in part.sources]
    return [(name, f"{getattr(part, name):g}", part.sources[name]) for name in names]
