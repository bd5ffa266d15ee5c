"""A device profile from its TOML file: every number is a pair of itself and its source, or the file is refused."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from device_profiles.device import COEFFICIENTS, Basis, Cluster, Device, Engine, Fit, Kind, Memory
from device_profiles.errors import DeviceProfileError

TABLES = ("name", "soc", "basis", "flags", "notes", "sources", "clusters", "memory", "engines")
FLAGS = ("dotprod", "i8mm", "fp16", "avx2", "avx512", "vnni")

Part = TypeVar("Part", Cluster, Memory)


def read(path: Path) -> Device:
    """Read a profile.

    Raises:
        DeviceProfileError: naming the file and the place in it.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DeviceProfileError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DeviceProfileError(f"{path} is not a readable TOML file: {error}") from error
    return _Reader(path, tables).device()


class _Reader:
    """One file; ``where`` in its methods is the place to name in a message."""

    def __init__(self, path: Path, tables: dict[str, Any]) -> None:
        self.path, self.tables, self.used = path, tables, set[str]()

    def device(self) -> Device:
        tables = self.tables
        self._known(tables, TABLES, "")
        for name in ("name", "soc", "basis", "flags", "sources", "clusters"):
            if name not in tables:
                raise self._error(name, "is missing")
        flags, flags_source = self._sourced("flags", tables["flags"])
        if not isinstance(flags, list):
            raise self._error("flags", "is no list")
        self._known(flags, FLAGS, "flags")
        engines = {name: self._engine(f"engines.{name}", values) for name, values in tables.get("engines", {}).items()}
        device = Device(
            name=self._text("name", tables["name"]),
            soc=self._text("soc", tables["soc"]),
            basis=self._one_of("basis", tables["basis"], get_args(Basis)),
            clusters=tuple(
                self._part(Cluster, f"clusters[{i}]", values) for i, values in enumerate(tables["clusters"])
            ),
            memory=self._part(Memory, "memory", tables["memory"]) if "memory" in tables else None,
            flags=frozenset(flags),
            flags_source=flags_source,
            engines=engines,
            notes=tuple(tables.get("notes", ())),
        )
        if (device.basis == "spec") == bool(engines):
            raise self._error("basis", 'is "spec" where no [engines] table has fitted coefficients, and only there')
        for cluster in device.clusters:
            self._one_of("clusters.kind", cluster.kind, get_args(Kind))
        if unused := set(tables["sources"]) - self.used:
            raise self._error("sources", f"has a source that no number names: {', '.join(sorted(unused))}")
        return device

    def _part(self, kind: type[Part], where: str, values: Mapping[str, Any]) -> Part:
        """A cluster or the memory: texts as they are, numbers with their sources."""
        hints = get_type_hints(kind)
        self._known(values, [name for name in hints if name != "sources"], where)
        found: dict[str, Any] = {}
        sources: dict[str, str] = {}
        for name, value in values.items():
            place = f"{where}.{name}"
            if _is_number(hints[name]):
                number, sources[name] = self._sourced(place, value)
                found[name] = self._number(place, number, whole=hints[name] is int)
            else:
                found[name] = self._text(place, value)
        for one in fields(kind):
            if one.name not in found and one.default is MISSING and one.default_factory is MISSING:
                raise self._error(f"{where}.{one.name}", "is missing")
        return kind(**found, sources=sources)

    def _engine(self, where: str, values: Mapping[str, Any]) -> Engine:
        self._known(values, ("version", "coefficients", "fit"), where)
        if missing := {"version", "coefficients", "fit"} - set(values):
            raise self._error(where, f"has no {' and no '.join(sorted(missing))}")
        self._known(values["coefficients"], COEFFICIENTS, f"{where}.coefficients")
        names = [one.name for one in fields(Fit)]
        self._known(values["fit"], names, f"{where}.fit")
        if missing := set(names) - set(values["fit"]):
            raise self._error(f"{where}.fit", f"does not say: {', '.join(sorted(missing))}")
        coefficients = {
            name: self._number(f"{where}.coefficients.{name}", value) for name, value in values["coefficients"].items()
        }
        return Engine(version=str(values["version"]), coefficients=coefficients, fit=Fit(**values["fit"]))

    def _sourced(self, where: str, value: Any) -> tuple[Any, str]:
        if not isinstance(value, list) or len(value) != 2 or not isinstance(value[1], str):
            raise self._error(where, f'has no source: write [{value}, "NAME"], NAME being one of [sources]')
        if value[1] not in self.tables["sources"]:
            raise self._error(where, f"names the source '{value[1]}', which is not in [sources]")
        self.used.add(value[1])
        return value[0], str(self.tables["sources"][value[1]])

    def _number(self, where: str, value: Any, whole: bool = False) -> float:
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or value < 0:
            raise self._error(where, f"is {value!r}, not a {'whole number' if whole else 'number'} of 0 or more")
        return value

    def _text(self, where: str, value: Any) -> str:
        if not isinstance(value, str) or not value:
            raise self._error(where, f"is {value!r}, not a text")
        return value

    def _one_of(self, where: str, value: Any, known: Iterable[str]) -> Any:
        self._known([value], known, where)
        return value

    def _known(self, names: Iterable[str], known: Iterable[str], where: str) -> None:
        for name in names:
            if name not in known:
                near = get_close_matches(str(name), list(known), n=1)
                hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(known)}"
                raise self._error(where or "the file", f"has '{name}', which is not known; {hint}")

    def _error(self, where: str, what: str) -> DeviceProfileError:
        return DeviceProfileError(f"{self.path}: {where} {what}.")


def _is_number(hint: Any) -> bool:
    kinds = get_args(hint) if get_origin(hint) is UnionType else (hint,)
    return int in kinds or float in kinds
