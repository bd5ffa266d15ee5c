"""What a phone is, and how it fares: its own words, asked for over adb."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edgebert.runtimes.adb import Adb

CPUFREQ = "grep -H . /sys/devices/system/cpu/cpu[0-9]*/cpufreq/{name}"
THERMAL = ("none", "light", "moderate", "severe", "critical", "emergency", "shutdown")
"""Android's thermal status: https://developer.android.com/reference/android/os/PowerManager."""


@dataclass(frozen=True, kw_only=True)
class Phone:
    """A phone.

    Attributes:
        serial: as adb lists it.
        maker: ro.product.manufacturer.
        model: ro.product.model.
        soc: ro.soc.model (Android 12 and later), else ro.board.platform.
        android: version of Android.
        abi: of its first choice, "arm64-v8a".
        build: ro.build.fingerprint.
        max_khz: highest clock of each core, kHz; empty where the phone does not tell.
    """

    serial: str
    maker: str
    model: str
    soc: str
    android: str
    abi: str
    build: str
    max_khz: tuple[int, ...]

    @property
    def name(self) -> str:
        """What it is called."""
        return self.model if self.model.startswith(self.maker) else f"{self.maker} {self.model}"

    @property
    def big_mask(self) -> str | None:
        """All cores but those of the slowest clock, as `taskset` takes them; None where the clocks are not known."""
        if not self.max_khz:
            return None
        slowest = min(self.max_khz)
        big = [core for core, khz in enumerate(self.max_khz) if khz > slowest] or range(len(self.max_khz))
        return f"{sum(1 << core for core in big):x}"


@dataclass(frozen=True, kw_only=True)
class State:
    """How a phone fares at a moment.

    Attributes:
        thermal: Android's word for its heat, "none" to "shutdown"; None before Android 10.
        khz: clock of each core, kHz; empty where the phone does not tell.
    """

    thermal: str | None
    khz: tuple[int, ...]


def read(adb: Adb) -> Phone:
    """Ask a phone what it is."""
    text = adb.shell(f"getprop; {CPUFREQ.format(name='cpuinfo_max_freq')}")[1]
    found = dict(re.findall(r"^\[(.+?)\]: \[(.*?)\]", text, re.M))
    return Phone(
        serial=adb.serial,
        maker=found.get("ro.product.manufacturer", ""),
        model=found.get("ro.product.model", adb.serial),
        soc=found.get("ro.soc.model") or found.get("ro.board.platform", ""),
        android=found.get("ro.build.version.release", ""),
        abi=found.get("ro.product.cpu.abi", ""),
        build=found.get("ro.build.fingerprint", ""),
        max_khz=_clocks(text),
    )


def state(adb: Adb) -> State:
    """Ask a phone how it fares."""
    text = adb.shell(f"{CPUFREQ.format(name='scaling_cur_freq')}; dumpsys thermalservice")[1]
    told = re.search(r"^\s*Thermal Status: (\d)", text, re.M)
    thermal = THERMAL[min(int(told[1]), len(THERMAL) - 1)] if told else None
    return State(thermal=thermal, khz=_clocks(text))


def _clocks(text: str) -> tuple[int, ...]:
    """Clock of each core in kHz, of `grep`'s lines; empty where a core tells none."""
    told = {int(core): int(khz) for core, khz in re.findall(r"/cpu(\d+)/cpufreq/\w+:(\d+)$", text, re.M)}
    return tuple(told[core] for core in sorted(told)) if sorted(told) == list(range(len(told))) else ()
