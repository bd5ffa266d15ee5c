"""Smaller files out of float32 ones: one file a scheme in `schemes`. Importing this loads no quantiser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, cast

from converters.artefact import Artefact, digest, load_list, save_list, whole
from edgebert import console, registry

ROOM = "quantize/schemes"


class Scheme(Protocol):
    """What a file of `schemes` holds. Its file name is the scheme's name, in options and in file names."""

    def quantize(self, source: Path, target: Path, artefact: Artefact) -> None:
        """Write the quantised form of the float32 file ``source``, which ``artefact`` describes, to ``target``."""


def names() -> list[str]:
    """Names of the schemes there are, beside "fp32", which is none."""
    return registry.names(ROOM)


def scheme(name: str) -> Scheme:
    """The scheme called ``name``.

    Raises:
        UserError: if there is none, the nearest names suggested.
    """
    return cast("Scheme", registry.load(ROOM, name, "--schemes"))


def apply(name: str, artefact: Artefact, source: Path, target: Path) -> Artefact:
    """Quantise one file; one that is already there is left as it is.

    Args:
        name: of the scheme.
        artefact: of the float32 file.
        source: folder that it is in.
        target: folder to write into.

    Returns:
        The new file: same inputs, output and driver, another scheme.

    Raises:
        UserError: if the scheme does not exist, or its library is not installed.
        ConversionError: if the quantiser changed inputs or outputs.
    """
    path = target / artefact.path.replace("-fp32.", f"-{name}.")
    if not path.is_file():
        from converters import lint

        with whole(path) as temporary:
            scheme(name).quantize(source / artefact.path, temporary, artefact)
            lint.check(temporary, artefact.entries, artefact.output)
    return replace(artefact, path=path.name, scheme=name, sha256=digest(path), bytes=path.stat().st_size)


def quantize(source: Path, schemes: Sequence[str], target: Path) -> list[Artefact]:
    """Make every scheme's form of every float32 file in ``source``, and their list, in ``target``."""
    files = [(name, artefact) for name in schemes for artefact in load_list(source)]
    target.mkdir(parents=True, exist_ok=True)
    made = [apply(name, artefact, source, target) for name, artefact in console.track(files, "quantising")]
    save_list(made, target)
    return made
