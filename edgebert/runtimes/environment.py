"""A Python environment of its own, for an engine whose library cannot live beside edgebert's.

Importing this needs the standard library alone: it is imported inside such environments too.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgebert.errors import UserError
from edgebert.files import read_json

RECORD = "environment.json"
"""Written last: an environment without it was never finished."""
PACKAGES = ("edgebert", "converters")
"""What a worker imports, beside numpy and the engine's library."""


def home() -> Path:
    """Where edgebert keeps what belongs to no run: `$EDGEBERT_HOME`, else `~/.cache/edgebert`."""
    return Path(os.environ.get("EDGEBERT_HOME") or Path.home() / ".cache" / "edgebert")


@dataclass(frozen=True)
class Environment:
    """An environment, whether or not it was made.

    Attributes:
        name: of the engine.
        requirements: what pip installs, versions pinned, the engine's own package first.
        python: the one version of Python ("3.11") that the library has wheels for and edgebert runs with; None for
            the one that edgebert runs with.
        shelf: folder of edgebert's home that it stands in.
    """

    name: str
    requirements: tuple[str, ...]
    python: str | None = None
    shelf: str = "runtimes"

    @property
    def package(self) -> str:
        """The distribution that it is made for."""
        return self.requirements[0].split("==")[0]

    @property
    def folder(self) -> Path:
        """Where it is."""
        return home() / self.shelf / self.name

    @property
    def record(self) -> dict[str, Any] | None:
        """What was installed, by package; None where it was not made with these requirements to the end."""
        path = self.folder / RECORD
        found: dict[str, Any] | None = read_json(path) if path.is_file() else None
        return found if found and found["requirements"] == list(self.requirements) else None

    @property
    def interpreter(self) -> Path:
        """Its Python, for a process of its own."""
        return self.folder / "bin" / "python"

    def version(self, package: str) -> str:
        """Version of an installed package.

        Raises:
            UserError: if the environment is not there or was not finished, with the command that makes it.
        """
        if (record := self.record) is None:
            state = "was not finished, or is of other versions" if self.folder.exists() else "is not set up here"
            raise UserError(
                f"The runtime {self.name} {state}: {self.folder}.", f"Run: edgebert setup-runtime {self.name}"
            )
        return str(record["versions"][package])


def variables(scratch: Path, packages: tuple[str, ...] = PACKAGES) -> dict[str, str]:
    """Environment variables with which another Python finds edgebert's own code, and nothing that lies beside it.

    Args:
        scratch: folder for links to the packages.
        packages: names of those that it finds.
    """
    root, links = Path(__file__).resolve().parents[2], scratch / "code"
    links.mkdir()
    for package in packages:
        (links / package).symlink_to(root / package, target_is_directory=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "PYTHONPATH": str(links), "PYTHONNOUSERSITE": "1", "PYTHONDONTWRITEBYTECODE": "1"}
