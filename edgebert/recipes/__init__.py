"""Recipes: named sets of options, one TOML file each, one table a stage."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from edgebert.errors import UserError
from edgebert.recipes.options import (
    BudgetOptions,
    ConvertOptions,
    DataOptions,
    DistillOptions,
    FinetuneOptions,
    PredictOptions,
    ProfileOptions,
    QuantizeOptions,
    VerifyOptions,
)

FOLDER = Path(__file__).parent
DEFAULT = "tinybert-4"
"""The recipe where none is named."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The options of all stages. A field is a stage, and the table of that name in a recipe file."""

    data: DataOptions = DataOptions()
    finetune: FinetuneOptions = FinetuneOptions()
    distill: DistillOptions = DistillOptions()
    convert: ConvertOptions = ConvertOptions()
    quantize: QuantizeOptions = QuantizeOptions()
    verify: VerifyOptions = VerifyOptions()
    profile: ProfileOptions = ProfileOptions()
    predict: PredictOptions = PredictOptions()
    budget: BudgetOptions = BudgetOptions()

    @classmethod
    def from_tables(cls, tables: dict[str, dict[str, Any]], where: str) -> Recipe:
        """Make a recipe of nested tables; ``where`` names their origin in messages.

        Raises:
            UserError: for a table or an option that does not exist, nearest names suggested.
        """
        stages = {field.name: field for field in fields(cls)}
        options = {}
        for stage, values in tables.items():
            _known(stage, stages, f"{where}: table")
            kind: Any = type(stages[stage].default)
            names = {field.name for field in fields(kind)}
            for name in values:
                _known(name, names, f"{where}: [{stage}] option")
            options[stage] = kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})
        return cls(**options)

    def to_tables(self) -> dict[str, dict[str, Any]]:
        """The recipe as plain tables, as in its file."""
        return dataclasses.asdict(self)


def names() -> list[str]:
    """Names of the recipes that ship with edgebert."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read(name: str) -> dict[str, dict[str, Any]]:
    """The tables of a recipe, by name or by path of a TOML file.

    Raises:
        UserError: for an unknown name, or a file that cannot be read.
    """
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
    if not path.is_file():
        near = get_close_matches(name, names(), n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(names())}; or give a .toml file."
        raise UserError(f"There is no recipe '{name}'.", hint)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not a readable TOML file: {error}") from error


def load(name: str) -> Recipe:
    """A recipe by name (`tinybert-4`) or by path (`./mine.toml`)."""
    return Recipe.from_tables(read(name), where=f"recipe {name}")


def _known(name: str, names: Any, what: str) -> None:
    if name not in names:
        near = get_close_matches(name, names, n=1)
        raise UserError(f"{what} '{name}' does not exist.", f"Did you mean '{near[0]}'?" if near else "")
