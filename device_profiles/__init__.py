"""Device profiles, one TOML file a device: what is known of its chip, with the source of every number.

Imports nothing of edgebert, and nothing beside the standard library. What lies in a profile is a specification, never
a measurement, unless it says `basis = "measured"`.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from device_profiles.device import Cluster, Device, Engine, Fit, Memory
from device_profiles.errors import DeviceProfileError
from device_profiles.host import HOST, host
from device_profiles.read import read
from device_profiles.write import write

__all__ = ["Cluster", "Device", "DeviceProfileError", "Engine", "Fit", "Memory", "load", "named", "names", "write"]

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Names of the devices, the file names without their ending; and "host", the machine at hand."""
    return [*sorted(path.stem for path in FOLDER.glob("*.toml")), HOST]


def load(name: str) -> Device:
    """A device by name ("pixel4"), or by path of a TOML file ("./mine.toml"); "host" is looked at now.

    Raises:
        DeviceProfileError: if there is none, the nearest name suggested; or the file is no profile.
    """
    if name == HOST:
        return host()
    if name.endswith(".toml"):
        return read(Path(name))
    if name not in names():
        near = get_close_matches(name, names(), n=1, cutoff=0.5)
        hint = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(names())}; or give a .toml file."
        raise DeviceProfileError(f"There is no device '{name}'. {hint}")
    return read(FOLDER / f"{name}.toml")


def named(name: str) -> Device:
    """This machine, as it is looked at now, under a name of its own."""
    return replace(host(), name=name)
