"""What can be named on the command line, found by file name: a new student, method, scheme or runtime is one file."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType

from edgebert.errors import UserError

ROOT = Path(__file__).parent


def names(room: str) -> list[str]:
    """File names of a room, without importing any: `names("distill/methods")` gives `["hidden", "logits"]`.

    Names have hyphens where files have underscores: `int8_static.py` is "int8-static".
    """
    return sorted(path.stem.replace("_", "-") for path in (ROOT / room).glob("*.py") if path.stem != "__init__")


def load(room: str, name: str, option: str = "") -> ModuleType:
    """Import the file called ``name`` in ``room``.

    Args:
        room: folder below `edgebert`, with slashes.
        name: what the user wrote.
        option: where it was written, for the message.

    Raises:
        UserError: if there is no such file, the nearest name suggested.
    """
    if name not in names(room):
        raise unknown(option, name, names(room))
    return importlib.import_module(f"edgebert.{room.replace('/', '.')}.{name.replace('-', '_')}")


def unknown(option: str, name: str, known: Sequence[str]) -> UserError:
    """The error for a name that does not exist, with the nearest that do."""
    near = get_close_matches(name, known, n=2, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(known)}."
    return UserError(f"{option} {name}: there is no such thing.", hint)
