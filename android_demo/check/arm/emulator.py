"""arm64 builds of ONNX Runtime and LiteRT, in `~/.cache/edgebert/arm` (or below `$EDGEBERT_HOME`).

qemu/          Debian trixie's qemu-user; bookworm's shows the host's /proc/cpuinfo, and LiteRT crashes over it
root/          Debian's Python 3.11 for arm64, and PyPI's wheels of the engines, of the versions that run here
cortex-a53/    an environment whose Python is that one on such a processor, without instructions for 8-bit products
cortex-a76/    likewise, with them (asimddp)

These are builds for Linux: an Android app has the same kernels, from another compiler.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from android_demo.check import apt
from android_demo.check.tools import run
from converters.graph_spec import Format
from edgebert import console
from edgebert.errors import UserError
from edgebert.files import atomic, write_json
from edgebert.runtimes.engines.litert import LiteRt
from edgebert.runtimes.engines.ort import Ort
from edgebert.runtimes.environment import RECORD, Environment, home
from edgebert.runtimes.runtime import Runtime

PROCESSORS = ("cortex-a53", "cortex-a76")
QEMU = Path("qemu/usr/bin/qemu-aarch64")
PYTHON = ("python3-minimal", "libpython3-stdlib", "libstdc++6")
WHEELS = Path("usr/lib/python3/dist-packages")
PLATFORMS = ("manylinux_2_17", "manylinux_2_27", "manylinux_2_28", "manylinux_2_34", "manylinux2014")
SHELF = "arm"
SETUP = "python -m android_demo.check setup-arm"


def environment(processor: str) -> Environment:
    """The engines on a processor, whether or not they are set up: the versions that are installed beside edgebert."""
    packages = ("onnxruntime", "ai-edge-litert", "numpy")
    return Environment(processor, tuple(f"{name}=={version(name)}" for name in packages), shelf=SHELF)


def engines(processor: str) -> dict[Format, Runtime]:
    """The engine of each file format on a processor.

    Raises:
        UserError: if they are not set up, in the versions that are installed beside edgebert.
    """
    place = environment(processor)
    if not place.record:
        raise UserError(f"The emulated {processor} is not set up here: {place.folder}.", f"Run: {SETUP}")

    class ArmOrt(Ort):
        environment = place

    class ArmLiteRt(LiteRt):
        environment = place

    found: dict[Format, Any] = {"onnx": ArmOrt(), "tflite": ArmLiteRt()}
    return found


def version_of_qemu() -> str:
    """Name and version of the emulator."""
    said = run([home() / SHELF / QEMU, "--version"]).split()
    return f"QEMU {said[said.index('version') + 1]}"


def setup() -> None:
    """Fetch QEMU and the arm64 builds; what is there is left as it is.

    Raises:
        UserError: if a download fails, or apt or pip is not there.
    """
    folder = home() / SHELF
    if all(environment(processor).record for processor in PROCESSORS):
        console.say(f"The engines for arm64 are in {folder}.")
        return
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "qemu").exists():
        console.say("fetching QEMU")
        with tempfile.TemporaryDirectory(dir=folder, prefix="unfinished-") as scratch:
            apt.fetch(Path(scratch), ["qemu-user/trixie"]).rename(folder / "qemu")
    for processor in PROCESSORS:
        _make(environment(processor), folder)
    console.say(f"The engines for arm64 are in {folder}.")


def _make(place: Environment, folder: Path) -> None:
    """An environment: its Python, a record of what is in it."""
    root = folder / f"root-{'-'.join(one.split('==')[1] for one in place.requirements)}"
    if not root.exists():
        console.say("fetching Python and the engines for arm64")
        with tempfile.TemporaryDirectory(dir=folder, prefix="unfinished-") as scratch:
            found = apt.fetch(Path(scratch), PYTHON, "arm64")
            run([
                sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:",
                "--python-version", "3.11", *(f"--platform={name}_aarch64" for name in PLATFORMS),
                "--target", found / WHEELS, *place.requirements,
            ])  # fmt: skip
            found.rename(root)
    shutil.rmtree(place.folder, ignore_errors=True)
    with atomic(place.folder) as made:
        (made / "bin").mkdir(parents=True)
        python = made / "bin" / "python"
        emulated = f"{folder / QEMU} -L {root} -cpu {place.name} {root}/usr/bin/python3.11"
        python.write_text(f'#!/bin/sh\nexec {emulated} "$@"\n', encoding="utf-8")
        python.chmod(0o755)
        run([python, "-c", "import onnxruntime, ai_edge_litert.interpreter"])
        versions = dict(one.split("==") for one in place.requirements)
        write_json(made / RECORD, {"requirements": list(place.requirements), "versions": versions})
