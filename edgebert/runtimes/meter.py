"""What the operating system knows beside the clock: memory, and who else is using the cores. Linux's /proc only."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

PROCESS = Path("/proc/self")


class PeakMemory:
    """Growth of this process's peak resident memory from now on."""

    def __init__(self) -> None:
        # Forgets the peak so far; where that is not allowed, only a higher peak counts.
        with suppress(OSError):
            (PROCESS / "clear_refs").write_text("5")
        self._before = _status_mb("VmRSS")

    def growth_mb(self) -> float | None:
        """MiB since the start; None where the system does not tell."""
        peak = _status_mb("VmHWM")
        return None if peak is None or self._before is None else peak - self._before


class OtherCores:
    """Time on the cores that went to anyone but this process, from now on."""

    def __init__(self) -> None:
        self._before = _core_seconds()

    def share(self) -> float | None:
        """0 to 1 of all the cores' time since the start; None where the system does not tell."""
        now = _core_seconds()
        if now is None or self._before is None:
            return None
        total, busy, own = (after - before for after, before in zip(now, self._before, strict=True))
        return max(0.0, busy - own) / total if total > 0 else 0.0


def _status_mb(field: str) -> float | None:
    with suppress(OSError):
        for line in (PROCESS / "status").read_text(encoding="utf-8").splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) / 1024
    return None


def _core_seconds() -> tuple[float, float, float] | None:
    """Seconds of all cores since boot: all, busy (stolen by a hypervisor included), and this process's own."""
    with suppress(OSError):
        first = Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0]
        user, nice, system, idle, wait, irq, softirq, steal = (int(x) for x in first.split()[1:9])
        busy = user + nice + system + irq + softirq + steal
        ticks, own = os.sysconf("SC_CLK_TCK"), os.times()
        return (busy + idle + wait) / ticks, busy / ticks, own.user + own.system
    return None
