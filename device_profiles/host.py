"""The machine at hand as a device, from what Linux says of it."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from device_profiles.device import Cluster, Device, Memory
from device_profiles.errors import DeviceProfileError

HOST = "host"
CPU_INFO, CPUS = Path("/proc/cpuinfo"), Path("/sys/devices/system/cpu")
RULE = (
    "rule: two 256-bit (AVX2) or 512-bit (AVX-512) multiply-adds a cycle; of 8-bit numbers four times as many with "
    "VNNI, else twice; chips with one 512-bit port have half"
)
FLAGS = {
    "asimddp": "dotprod",
    "i8mm": "i8mm",
    "asimdhp": "fp16",
    "avx2": "avx2",
    "avx512f": "avx512",
    "avx512_vnni": "vnni",
    "avx_vnni": "vnni",
}
"""What Linux calls an ability, and what profiles call it."""
PORTS = 2


def host(cpu_info: Path = CPU_INFO, cpus: Path = CPUS) -> Device:
    """Look at this machine; what Linux does not tell, such as the memory's speed, stays unknown.

    Args:
        cpu_info: /proc/cpuinfo.
        cpus: /sys/devices/system/cpu.

    Raises:
        DeviceProfileError: if there is no /proc/cpuinfo.
    """
    if not cpu_info.is_file():
        raise DeviceProfileError(f"The device 'host' is read from {cpu_info}, which this system does not have.")
    lines = [line.partition(":") for line in cpu_info.read_text(encoding="utf-8", errors="replace").splitlines()]
    found = {key.strip().lower(): value.strip() for key, _, value in lines if key.strip()}
    flags = {FLAGS[flag] for flag in (found.get("flags") or found.get("features") or "").split() if flag in FLAGS}
    width = 512 if "avx512" in flags else 256 if "avx2" in flags else None
    fp32 = PORTS * width / 32 if width else None
    ghz, clock_source = _clock(found, cpus)
    caches = _caches(cpus / "cpu0" / "cache")
    processor = found.get("model name") or platform.machine()
    told = {"cores": "the operating system", "ghz": clock_source, "fp32": RULE, "int8": RULE}
    told |= {"l1_kib": str(cpus), "l2_kib": str(cpus)}
    cluster = Cluster(
        kind="big",
        core=processor,
        cores=os.cpu_count() or 1,
        ghz=ghz,
        fp32=fp32,
        int8=(4 if "vnni" in flags else 2) * fp32 if fp32 else None,
        l1_kib=caches.get(1),
        l2_kib=caches.get(2),
    )
    known = {name: source for name, source in told.items() if getattr(cluster, name) is not None}
    cluster = replace(cluster, sources=known)
    memory = Memory(kind="not known", l3_mib=caches[3] / 1024, sources={"l3_mib": str(cpus)}) if 3 in caches else None
    return Device(
        name=HOST, soc=processor, basis="spec", clusters=(cluster,), memory=memory, flags=frozenset(flags),
        flags_source=str(cpu_info), notes=("Looked at just now; the memory's speed is not known.",),
    )  # fmt: skip


def _clock(found: dict[str, str], cpus: Path) -> tuple[float | None, str]:
    """Highest clock, GHz; where only the clock of the moment is told, that one."""
    path = cpus / "cpu0" / "cpufreq" / "cpuinfo_max_freq"
    with suppress(OSError, ValueError):
        return int(path.read_text()) / 1e6, str(path)
    with suppress(KeyError, ValueError):
        return float(found["cpu mhz"]) / 1000, f"{CPU_INFO}, the clock of the moment"
    return None, ""


def _caches(folder: Path) -> dict[int, float]:
    """KiB of the data caches of core 0, by level."""
    sizes: dict[int, float] = {}
    for index in sorted(folder.glob("index*")):
        with suppress(OSError, ValueError):
            if (index / "type").read_text().strip() != "Instruction":
                size = (index / "size").read_text().strip()
                scale = {"K": 1, "M": 1024}[size[-1]]
                sizes[int((index / "level").read_text())] = int(size[:-1]) * scale
    return sizes
