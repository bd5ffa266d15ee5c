"""A device profile as a TOML file, every number with its source, as `read` wants it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from device_profiles.device import Cluster, Device, Engine, Memory


def write(device: Device, path: Path) -> None:
    """Write a profile; one that is there is replaced once the new one is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(text(device), encoding="utf-8")
    temporary.replace(path)


def text(device: Device) -> str:
    """The file's text."""
    names = _source_names(device)
    lines = [f"{name} = {_value(getattr(device, name))}" for name in ("name", "soc", "basis")]
    lines += [f"flags = [{_value(sorted(device.flags))}, {_value(names[device.flags_source])}]"]
    lines += [f"notes = {_value(list(device.notes))}", "", "[sources]"]
    lines += [f"{name} = {_value(source)}" for source, name in names.items()]
    for cluster in device.clusters:
        lines += ["", "[[clusters]]", *_part(cluster, names)]
    if device.memory:
        lines += ["", "[memory]", *_part(device.memory, names)]
    for name, engine in device.engines.items():
        lines += engine_lines(name, engine)
    return "\n".join(lines) + "\n"


def _source_names(device: Device) -> dict[str, str]:
    """A short name for every source."""
    parts: list[Cluster | Memory] = [*device.clusters, *([device.memory] if device.memory else [])]
    found = [device.flags_source, *(source for part in parts for source in part.sources.values())]
    return {source: f"source_{number}" for number, source in enumerate(dict.fromkeys(found), 1)}


def _part(part: Cluster | Memory, names: Mapping[str, str]) -> Iterator[str]:
    for one in fields(part):
        value = getattr(part, one.name)
        if one.name in part.sources:
            yield f"{one.name} = [{_value(value)}, {_value(names[part.sources[one.name]])}]"
        elif isinstance(value, str):
            yield f"{one.name} = {_value(value)}"


def engine_lines(name: str, engine: Engine) -> Iterator[str]:
    """The tables of an engine."""
    yield from ("", f"[engines.{name}]", f"version = {_value(engine.version)}")
    yield from ("", f"[engines.{name}.coefficients]")
    yield from (f"{key} = {value:.5g}" for key, value in engine.coefficients.items())
    yield from ("", f"[engines.{name}.fit]")
    yield from (f"{one.name} = {_value(getattr(engine.fit, one.name))}" for one in fields(engine.fit))


def _value(value: Any) -> str:
    """Texts, numbers and lists are in TOML what they are in JSON."""
    return json.dumps(value, ensure_ascii=False)
