"""What the command line is given: lists taken apart, and what is not given filled in from a recipe or a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from cyclopts.config import Dict

from edgebert import recipes
from edgebert.recipes.options import DistillOptions
from edgebert.run import OUT

LISTS = ("--lengths", "--formats", "--schemes", "--tinybert-terms", "--runtimes", "--delegate")
"""Options that take several values."""
STAGE_OF_VERB = {
    "distill": ("distill",),
    "convert": ("convert",),
    "quantize": ("quantize",),
    "verify": ("verify", "budget"),
    "profile": ("profile", "budget"),
    "report": ("budget", "predict"),
}
"""Verbs that go on in a run folder, and the options that each of them has."""


def defaults(tokens: Sequence[str]) -> Dict:
    """What options are when they are not given: the recipe's values, or those of the run that a verb goes on in."""
    verb = tokens[0] if tokens else ""
    if verb in ("export", "finetune"):
        name = _value(tokens, "--recipe") or recipes.DEFAULT
        tables, source = recipes.load(name).to_tables(), f"recipe {name}"
    elif verb in STAGE_OF_VERB:
        given = (token.removeprefix("--run=") for token in tokens[1:])
        folders = [Path(token) for token in given]
        if any(map(is_bundle, folders)):
            return Dict({}, source="nothing")  # a bundle: no run's options hold for it
        folder = next((folder for folder in folders if (folder / "run.json").is_file()), OUT)
        tables, source = _tables_of_run(folder), str(folder / "run.json")
    else:
        return Dict({}, source="nothing")
    values: dict[str, Any] = {"given": found} if verb == "export" and (found := _given(tokens)) else {}
    for stage, options in tables.items():
        named = {name.replace("_", "-"): value for name, value in options.items() if value is not None}
        if verb == "export" and stage == "finetune":  # its options share names with those of distill
            values["finetune"] = named
        elif verb == "export" or stage in STAGE_OF_VERB.get(verb, ("data", "finetune", "convert")):
            values |= named
    return Dict({verb: values}, source=source)


def is_bundle(folder: Path) -> bool:
    """Whether a folder is what an app takes, not a run."""
    return (folder / "manifest.json").is_file()


def _tables_of_run(folder: Path) -> dict[str, dict[str, Any]]:
    from edgebert.run import FILE, open_run

    return open_run(folder).recipe.to_tables() if (folder / FILE).is_file() else {}


def split_lists(tokens: Sequence[str]) -> list[str]:
    """`--lengths 32,64` and `--lengths=32,64` as `--lengths 32 64`."""
    found: list[str] = []
    for before, token in zip(["", *tokens], tokens, strict=False):
        name, _, values = token.partition("=")
        if name in LISTS and values:
            found += [name, *values.split(",")]
        else:
            found += token.split(",") if before in LISTS else [token]
    return found


def _given(tokens: Sequence[str]) -> list[str]:
    """Names of the distilling options that are among the tokens."""
    written = {token.partition("=")[0].removeprefix("--").replace("-", "_") for token in tokens if token[:2] == "--"}
    return [field.name for field in fields(DistillOptions) if field.name in written]


def _value(tokens: Sequence[str], option: str) -> str | None:
    for index, token in enumerate(tokens):
        if token == option and index + 1 < len(tokens):
            return tokens[index + 1]
        if token.startswith(option + "="):
            return token.split("=", 1)[1]
    return None
