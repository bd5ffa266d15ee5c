"""Files that travel inside a TFLite file, as a zip archive behind its last byte.

Interpreters read a TFLite file from its front and never see the archive; readers of metadata look for one at its end.
https://ai.google.dev/edge/litert/conversion/tensorflow/metadata
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)
"""Of every member, so that the same contents are the same bytes."""

END, END_BYTES = b"PK\5\6", 22
"""How the last record of an archive without a comment begins, and its size."""


def append(path: Path, files: Mapping[str, bytes]) -> None:
    """Put ``files``, name to content, behind the model in ``path``; with none the file stays as it is.

    Readers on phones take the bytes where they lie: nothing is compressed.
    """
    if files:
        with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as archive:
            for name, content in files.items():
                archive.writestr(zipfile.ZipInfo(name, EPOCH), content)


def read(path: Path) -> dict[str, bytes]:
    """The files behind the model in ``path``, by name; none where there is no archive."""
    with path.open("rb") as file:
        file.seek(-END_BYTES, os.SEEK_END)
        if not file.read().startswith(END):
            return {}
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
