"""Plain JSON values back to the frozen dataclasses they came from, by the types of their fields."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

Kind = TypeVar("Kind")


def decode(kind: type[Kind], values: Mapping[str, Any]) -> Kind:
    """The inverse of `dataclasses.asdict` after a journey through JSON.

    Args:
        kind: a dataclass whose fields are plain values, tuples, dicts and dataclasses, each also optional.
        values: a JSON object; keys that are no field are left out, so that a newer writer can be read.

    Raises:
        TypeError: if a field without a default is missing.
    """
    hints = get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind) if field.name in values]  # type: ignore[arg-type]
    return kind(**{name: _value(hints[name], values[name]) for name in names})


def _value(kind: Any, value: Any) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if value is None or kind is Any or origin is Literal:
        return value
    if origin in (Union, types.UnionType):
        options = [option for option in inner if option is not types.NoneType]
        return _value(options[0], value) if len(options) == 1 else value
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return decode(kind, value)
    if origin is tuple:
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_value(one, item) for one, item in zip(kinds, value, strict=True))
    if origin is dict:
        return {(int(key) if inner[0] is int else key): _value(inner[1], item) for key, item in value.items()}
    return value
