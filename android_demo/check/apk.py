"""The app as a signed APK, made with free tools: no Gradle, and no runtime's native library in it."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from android_demo.check import tools
from android_demo.check.tools import FRUGAL, debian, run
from edgebert.bundle.folder import ASSETS
from edgebert.errors import GateError
from edgebert.files import atomic

PROJECT = Path(__file__).parents[1]
MAIN = PROJECT / "app" / "src" / "main"
CORE = PROJECT / "core" / "src" / "main"
STORED = ("onnx", "tflite")
"""File name endings that are not compressed, as `app/build.gradle.kts` says."""
PASSWORD = "android"
"""Of a key that is made for one APK and thrown away."""
KEEP = """\
-keep class org.edgebert.demo.MainActivity { <init>(); }
-keep class ai.onnxruntime.** { *; }
-dontwarn **
"""


@dataclass(frozen=True)
class Apk:
    """A signed APK.

    Attributes:
        path: of the file.
        badging: what aapt says of it.
        signatures: what apksigner says of it.
        sizes: compressed bytes: `app` (code of app and runtime's Java classes, resources), `models`, `other assets`.
    """

    path: Path
    badging: str
    signatures: str
    sizes: Mapping[str, int]


def build(work: Path, stand_ins: Path, assets: Path = PROJECT / ASSETS.parent) -> Apk:
    """Compile the app's sources, and pack them with assets.

    Args:
        work: an empty folder.
        stand_ins: Java sources of LiteRT's classes, signatures only, that the app is compiled against.
        assets: where `edgebert export --android` puts bundles.

    Raises:
        UserError: if a tool fails or is missing.
    """
    tools.need()
    shutil.copytree(compiled(stand_ins), work, dirs_exist_ok=True)
    with zipfile.ZipFile(work / "linked.apk", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.write(work / "classes.dex", "classes.dex")
        for folder, inside in ((CORE / "resources", Path()), (assets, Path("assets"))):
            for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                stored = zipfile.ZIP_STORED if file.name.endswith(STORED) else None
                archive.write(file, inside / file.relative_to(folder), stored)
    debian("zipalign", "-f", "-p", "4", work / "linked.apk", work / "aligned.apk")
    signatures = _sign(work)
    return Apk(work / "demo.apk", debian("aapt", "dump", "badging", work / "demo.apk"), signatures, _sizes(work))


def compiled(stand_ins: Path) -> Path:
    """The app without assets, made once for each state of the sources: `linked.apk` and `classes.dex`."""
    sources = [path for root in (MAIN, CORE, stand_ins) for path in sorted(root.rglob("*")) if path.is_file()]
    own = [path for path in sources if MAIN / "assets" not in path.parents]
    out = tools.folder() / "compiled" / f"app-{tools.state(own)}"
    if not out.is_dir():
        with tempfile.TemporaryDirectory(prefix="edgebert-") as name, atomic(out) as temporary:
            work = Path(name)
            _link(work)
            _dex(work, stand_ins)
            temporary.mkdir(parents=True)
            for file in (work / "linked.apk", work / "dex" / "classes.dex"):
                shutil.copy(file, temporary)
    return out


def check_assets(apk: Path, bundle: Mapping[str, str]) -> None:
    """Make sure that an APK holds a bundle's files and no others.

    Args:
        apk: the file.
        bundle: the sha256 of every file of the bundle but the manifest.

    Raises:
        GateError: naming the files that are missing, too many or different.
    """
    prefix = f"assets/{ASSETS.name}/"
    with zipfile.ZipFile(apk) as archive:
        names = {name.removeprefix(prefix): name for name in archive.namelist() if name.startswith(prefix)}
        found = {short: hashlib.sha256(archive.read(name)).hexdigest() for short, name in names.items()}
    found.pop("manifest.json", None)
    if wrong := sorted(name for name in found.keys() | bundle.keys() if found.get(name) != bundle.get(name)):
        raise GateError(
            f"The assets of {apk.name} are not the bundle's: {', '.join(wrong)}.", "Export and build again."
        )


def _link(work: Path) -> None:
    """Resources and manifest: what Gradle adds to the manifest is added here."""
    manifest = (MAIN / "AndroidManifest.xml").read_text(encoding="utf-8")
    whole = work / "AndroidManifest.xml"
    whole.write_text(manifest.replace("<manifest ", '<manifest package="org.edgebert.demo" ', 1), encoding="utf-8")
    debian("aapt2", "compile", "--dir", MAIN / "res", "-o", work / "res.zip")
    debian(
        "aapt2", "link", "-o", work / "linked.apk", "-I", tools.framework_resources(), "--manifest", whole,
        "--java", work / "generated", "--min-sdk-version", "26", "--target-sdk-version", "35",
        "--version-code", "1", "--version-name", "0.1.0", work / "res.zip",
    )  # fmt: skip


def _dex(work: Path, stand_ins: Path) -> None:
    """Kotlin and Java to classes, and these to what a phone runs."""
    lite, classes, own = work / "lite", work / "classes", work / "own"
    android, ort = tools.android_library(), tools.ort_library()
    run(["javac", "--release", "8", "-Xlint:-options", "-d", lite, *stand_ins.rglob("*.java")])
    run(
        ["javac", "--release", "8", "-Xlint:-options", "-cp", android, "-d", own, *(work / "generated").rglob("*.java")]
    )
    kotlin = [MAIN / "kotlin", CORE / "kotlin"]
    tools.kotlinc(kotlin, classes, [android, own, lite, ort], android=True)
    with zipfile.ZipFile(ort) as jar:
        jar.extractall(work / "ort", [name for name in jar.namelist() if name.endswith(".class")])
    for folder in (classes, own, work / "ort"):
        shutil.make_archive(str(folder), "zip", folder)
    (work / "keep.txt").write_text(KEEP, encoding="utf-8")
    (work / "dex").mkdir()
    run([
        "java", *FRUGAL, "-cp", tools.folder() / "r8.jar", "com.android.tools.r8.R8", "--release", "--lib", android,
        "--min-api", "26", "--output", work / "dex", "--pg-conf", work / "keep.txt", tools.kotlin_library(),
        *(folder.with_suffix(".zip") for folder in (classes, own, work / "ort")),
    ])  # fmt: skip


def _sign(work: Path) -> str:
    keys, signer = work / "key.p12", tools.folder() / "debian/usr/share/java/apksigner.jar"
    run([
        "keytool", "-genkeypair", "-keystore", keys, "-storetype", "PKCS12", "-storepass", PASSWORD, "-alias", "demo",
        "-keyalg", "RSA", "-keysize", "2048", "-validity", "1", "-dname", "CN=edgebert demo",
    ])  # fmt: skip
    apksigner: list[str | Path] = ["java", *FRUGAL, "-jar", signer]
    password, aligned = f"pass:{PASSWORD}", work / "aligned.apk"
    run([*apksigner, "sign", "--ks", keys, "--ks-pass", password, "--out", work / "demo.apk", aligned])
    return run([*apksigner, "verify", "--verbose", work / "demo.apk"])


def _sizes(work: Path) -> dict[str, int]:
    sizes = {"app": 0, "models": 0, "other assets": 0}
    with zipfile.ZipFile(work / "demo.apk") as archive:
        for file in archive.infolist():
            is_asset = file.filename.startswith("assets/")
            part = "app" if not is_asset else "models" if file.filename.endswith(STORED) else "other assets"
            sizes[part] += file.compress_size
    return sizes
