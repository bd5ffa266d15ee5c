"""Putting a bundle into a folder, and checking that it is whole."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Mapping
from pathlib import Path

from edgebert import console
from edgebert.bundle.manifest import FILE, Manifest
from edgebert.errors import UserError
from edgebert.files import atomic, sha256

ASSETS = Path("app", "src", "main", "assets", "edgebert")


def place(contents: Mapping[str, Path | bytes], folder: Path) -> None:
    """Put files into ``folder``, each replaced at once, the manifest last.

    Files of an earlier bundle there that this one lacks are deleted; files that no bundle brought are left alone.

    Args:
        contents: for each name the file to copy or the bytes to write, `manifest.json` among them.
        folder: made where it is missing.

    Raises:
        UserError: if the folder may not be written to.
    """
    try:
        before = _earlier(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for name in sorted(contents, key=lambda name: name == FILE):
            _put(contents[name], folder / name)
        for name in before - contents.keys():
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        raise UserError(
            f"The bundle cannot be written to {folder}: {error.strerror}.",
            "Make the folder writable, and run the same command again.",
        ) from error


def withdraw(folder: Path) -> None:
    """Delete an earlier bundle from ``folder``, its manifest first; files that no bundle brought are left alone."""
    before = _earlier(folder)
    for name in (FILE, *sorted(before)):
        (folder / name).unlink(missing_ok=True)


def install(bundle_folder: Path, android: Path) -> Path:
    """Copy a bundle into an Android project's assets.

    Args:
        bundle_folder: what `write` made.
        android: the project's root; folders below it are made where they are missing.

    Returns:
        `app/src/main/assets/edgebert` of the project.

    Raises:
        UserError: if the bundle is not whole, or the project cannot be written to.
    """
    check(bundle_folder)
    names = [*Manifest.load(bundle_folder).digests, FILE]
    place({name: bundle_folder / name for name in names}, android / ASSETS)
    return android / ASSETS


def check(folder: Path) -> None:
    """Compare every file of a bundle with its manifest.

    Raises:
        UserError: naming each file that is missing or was changed.
    """
    wrong = []
    for name, digest in Manifest.load(folder).digests.items():
        path = folder / name
        if not path.is_file():
            wrong.append(f"{name} is missing")
        elif sha256(path) != digest:
            wrong.append(f"{name} is another file than the manifest says")
    if wrong:
        raise UserError(f"The bundle {folder} is not whole: {'; '.join(wrong)}.", "Write it again: edgebert report")


def _earlier(folder: Path) -> set[str]:
    """Names of the files that an earlier bundle brought here."""
    if not (folder / FILE).is_file():
        return set()
    try:
        return set(Manifest.load(folder).digests)
    except UserError as error:
        console.warn(f"{error.what} Files of an earlier bundle may be left in {folder}.")
        return set()


def _put(content: Path | bytes, path: Path) -> None:
    with atomic(path) as temporary:
        if isinstance(content, bytes):
            temporary.write_bytes(content)
        else:
            shutil.copyfile(content, temporary)
