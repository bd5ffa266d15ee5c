"""Debian's packages in a folder, with an apt of its own: what the system has installed stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from android_demo.check.tools import run

SUITES = ("bookworm", "bullseye", "trixie")
KEY = "signed-by=/usr/share/keyrings/debian-archive-keyring.gpg"
INSTALLED = Path("/var/lib/dpkg/status")


def fetch(scratch: Path, packages: Sequence[str], architecture: str | None = None) -> Path:
    """Unpack packages and what they depend on.

    Args:
        scratch: an empty folder.
        packages: of the first of `SUITES`, or "name/suite".
        architecture: "arm64", with all that it depends on; None: for this machine, without what it has installed.

    Returns:
        The root that they were unpacked into.

    Raises:
        UserError: if apt is not there or fails.
    """
    sources = [f"deb [{KEY}] http://deb.debian.org/debian {suite} main\n" for suite in SUITES]
    (scratch / "sources.list").write_text("".join(sources), encoding="utf-8")
    (scratch / "nothing").touch()
    for name in ("lists/partial", "cache/archives/partial"):
        (scratch / name).mkdir(parents=True)
    options = {
        "Dir::State": scratch, "Dir::State::status": scratch / "nothing" if architecture else INSTALLED,
        "Dir::Cache": scratch / "cache", "Dir::Etc::sourcelist": scratch / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null", "Debug::NoLocking": "true", "APT::Sandbox::User": "root",
    }  # fmt: skip
    if architecture:
        options |= {"APT::Architecture": architecture, "APT::Architectures::": architecture}
    apt = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in options.items())]
    run([*apt, "update"])
    apt += ["--no-install-recommends", "-t", SUITES[0]]
    wanted = run([*apt, "--print-uris", "install", *packages])
    names = [line.split()[1].split("_")[0] for line in wanted.splitlines() if line.startswith("'")]
    releases = dict(package.split("/") for package in packages if "/" in package)
    run(
        [*apt, "download", *(f"{name}/{releases[name]}" if name in releases else name for name in names)],
        place=scratch,
    )
    for package in scratch.glob("*.deb"):
        run(["dpkg", "-x", package, scratch / "root"])
    return scratch / "root"
