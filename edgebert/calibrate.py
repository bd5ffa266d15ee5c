"""Make a device profile that predicts from measurements: of this machine, or of a phone through adb."""

from __future__ import annotations

from pathlib import Path

import device_profiles
from device_profiles import Device
from edgebert import console
from edgebert.errors import UserError
from edgebert.profile import calibrate as stage
from edgebert.profile.ready import look
from edgebert.recipes.options import PhoneOptions

MOST_THREADS = 4


def calibrate(name: str, adb: str | None, benchmark_model: str | None, out: Path | None) -> None:
    """Time micro-models, fit, and write the profile.

    Args:
        name: of a profile, a .toml file, or a new name for this machine.
        adb: serial of a phone, or "auto"; None for this machine.
        benchmark_model: the program that times files on the phone.
        out: the profile to write; NAME.toml in this folder without it.

    Raises:
        UserError: if an engine, the phone or the program is missing, or a phone has no profile to fill in.
    """
    target = out or Path(f"{Path(name).stem}.toml")
    if target.suffix != ".toml":
        raise UserError(f"--out {target} does not end in .toml.", "Name a .toml file.")
    if adb is None and benchmark_model is not None:
        raise UserError("--benchmark-model is for a phone, and none is named.", "Add: --adb SERIAL")
    device = _device(name, is_phone=adb is not None)
    work = target.with_suffix(".calibration")
    threads = sorted({1, min(MOST_THREADS, len(device.big_cores))})
    console.heading(f"calibrating {device.name}, threads: {', '.join(map(str, threads))}")
    if adb is None:
        stage.calibrate_here(device, threads, target, work)
        return
    known = name if name in device_profiles.names() or name.endswith(".toml") else None
    ready = look(PhoneOptions(adb=adb, benchmark_model=benchmark_model, device=known))
    stage.calibrate_phone(device, ready, threads, target, work)


def _device(name: str, is_phone: bool) -> Device:
    """The profile to fill in: the one of that name, else this machine under that name."""
    if name in device_profiles.names() or name.endswith(".toml"):
        return device_profiles.load(name)
    if is_phone:
        raise UserError(
            f"There is no profile '{name}' whose coefficients could be found.",
            f"Write down its cores in a .toml file and name that; or: {', '.join(device_profiles.names())}.",
        )
    return device_profiles.named(name)
