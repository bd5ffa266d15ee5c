"""A look at this machine: what is installed, what the processor can do, and what to mend. Imports nothing heavy."""

from __future__ import annotations

import os
import re
import shutil
import sys
from importlib import metadata
from pathlib import Path

from edgebert import console, runtimes
from edgebert.errors import UserError
from edgebert.store import machine

EXTRAS = ("train", "onnx", "tflite", "demo")
CORE = ("train", "onnx", "tflite")
"""Extras without which no files can be made or checked."""

REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(\[(?P<extras>[\w,-]+)\])?(?P<bounds>[^;]*)(;.*extra == ['\"](?P<of>\w+))?")

ABILITIES = {
    "avx512_vnni": "VNNI: int8 files run fast and exactly",
    "avx_vnni": "VNNI of 256 bits: int8 files run fast and exactly",
    "avx512f": "AVX-512: wide matrix products",
    "avx512_bf16": "bf16: training two to three times as fast",
    "amx_bf16": "bf16 tiles: training several times as fast",
    "asimddp": "dot product (ARM): int8 files run fast",
    "bf16": "bf16 (ARM): faster training",
}
"""What Linux calls an ability of the processor, and what it is good for."""

CPU_INFO = Path("/proc/cpuinfo")

ENOUGH_DISK_GB = 5
"""A run of the built-in task with its training checkpoints, and room to spare."""


def doctor() -> None:
    """Print what was found; exit code 1 where files could not be made on this machine."""
    wrong = _packages() + _machine()
    _runtimes()
    for advice in wrong:
        console.warn(advice)
    if wrong:
        sys.exit(1)
    console.say("All is well.")


def _packages() -> list[str]:
    rows: dict[str, tuple[str, ...]] = {}
    wrong: list[str] = []
    optional: list[str] = []
    for extra in EXTRAS:
        bad = False
        for name, bounds in _requirements(extra):
            version = _version(name)
            fits = version is not None and _fits(version, bounds)
            bad |= not fits
            rows.setdefault(name, (name, extra, version or "missing", "" if fits else bounds))
        if bad:
            advice = f"The extra '{extra}' is not complete. Install it with: pip install 'edgebert[{extra}]'"
            (wrong if extra in CORE else optional).append(advice)
    console.table("packages", ("package", "extra", "installed", "wanted"), rows.values())
    for advice in optional:
        console.say(f"{advice} (The built-in task and encoder need it, nothing else does.)")
    return wrong


def _runtimes() -> None:
    rows = []
    for name in runtimes.names():
        runtime = runtimes.get(name)
        try:
            rows.append((name, ", ".join(runtime.formats), runtime.version(), ""))
        except UserError as error:
            rows.append((name, ", ".join(runtime.formats), "missing", error.fix))
    console.table("runtimes", ("runtime", "formats", "version", ""), rows)


def _requirements(extra: str) -> list[tuple[str, str]]:
    """Packages that an extra of edgebert names itself, with the versions it wants."""
    found = (REQUIREMENT.match(line) for line in metadata.requires("edgebert") or [])
    return [
        (match["name"], match["bounds"].strip())
        for match in found
        if match and match["of"] == extra and match["name"] != "edgebert"
    ]


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _fits(version: str, bounds: str) -> bool:
    """Whether a version keeps to bounds such as ">=2.13" and "==0.1.0"."""
    for bound in filter(None, bounds.split(",")):
        kind, wanted = bound[:2], bound[2:]
        if kind == ">=" and _numbers(version) < _numbers(wanted):
            return False
        if kind == "==" and _numbers(version) != _numbers(wanted):
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"\d+(\.\d+)*", version.strip())
    return tuple(int(number) for number in found[0].split(".")) if found else ()


def _machine() -> list[str]:
    facts = machine()
    known = _abilities()
    disk = shutil.disk_usage(Path.cwd()).free / 1e9
    rows = [
        ("processor", facts["processor"]),
        ("cores", facts["cores"]),
        ("system", facts["system"]),
        ("memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.1f} GB"),
        ("free disk here", f"{disk:.1f} GB"),
        *((name, ABILITIES[name]) for name in ABILITIES if name in known),
    ]
    console.table("machine", ("", "found"), rows)
    if not known & {"avx512_vnni", "avx_vnni", "asimddp"}:
        console.say("No int8 dot product was found: int8 files run slowly here, and their times say little of a phone.")
    if disk < ENOUGH_DISK_GB:
        return [f"Only {disk:.1f} GB of disk are free here; a run needs up to {ENOUGH_DISK_GB} GB."]
    return []


def _abilities() -> set[str]:
    if not CPU_INFO.is_file():
        return set()
    lines = CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines()
    flags = next((line.split(":", 1)[1] for line in lines if line.startswith(("flags", "Features"))), "")
    return set(flags.split())
