"""A file's predicted latency on the terminal: the total with its interval, each kind of operator, what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import device_profiles
from edgebert import console, runtimes
from edgebert.errors import UserError, require
from edgebert.inspect import NEEDS
from edgebert.profile.prediction import OperatorCost, Prediction

REST = 0.01
"""Kinds of operators below this share of the time stand together."""


def predict(file: Path, device: str, threads: int, length: int | None, json: Path | None = None) -> Prediction:
    """Predict and print.

    Args:
        file: an .onnx or .tflite file.
        device: name of a profile, or a .toml file.
        threads: of the engine.
        length: tokens of a row; see `edgebert.profile.predict.predict`.
        json: where to write it all for programs.

    Raises:
        UserError: for a file or a device that is none.
        GateError: if too few of the file's operators are known.
    """
    engine = runtimes.USUAL.get(file.suffix.removeprefix("."))
    if engine is None:
        raise UserError(f"{file} ends neither in .onnx nor in .tflite.", "Give a file that `edgebert convert` wrote.")
    require(*NEEDS[file.suffix])
    from edgebert.profile.predict import predict as run

    found = run(file, device_profiles.load(device), engine=engine, threads=threads, length=length)
    _show(found)
    if json is not None:
        found.save(json)
    return found


def _show(found: Prediction) -> None:
    console.say(
        f"{found.file} on {found.device}, {found.engine}, threads: {found.threads}, {found.length} tokens, predicted:"
    )
    if found.basis == "measured":
        console.say(f"{found.ms:.2f} ms (nine in ten between {found.low_ms:.2f} and {found.high_ms:.2f})")
    else:
        console.say(f"{found.low_ms:.1f} to {found.high_ms:.1f} ms")
    console.table(
        "operators",
        ("operator", "count", "million multiply-adds", "MB moved", "ms", "%"),
        [_line(name, ones, found.ms) for name, ones in _kinds(found)],
    )
    console.say(f"coverage: {found.coverage:.1%}{'; not known: ' + ', '.join(found.unknown) if found.unknown else ''}")
    console.say(f"basis: {found.basis}; {found.rests_on}")


def _kinds(found: Prediction) -> list[tuple[str, list[OperatorCost]]]:
    """Operators by kind, the longest first; the shortest together."""
    by_kind = groupby(sorted(found.operators, key=lambda one: one.kind), key=lambda one: one.kind)
    groups = sorted(((kind, list(ones)) for kind, ones in by_kind), key=lambda group: -_ms(group[1]))
    large = [group for group in groups if _ms(group[1]) >= REST * found.ms]
    small = [one for group in groups[len(large) :] for one in group[1]]
    return [*large, *([(f"{len(groups) - len(large)} other kinds", small)] if small else [])]


def _line(name: str, ones: Sequence[OperatorCost], whole: float) -> tuple[object, ...]:
    return (
        name, sum(one.count for one in ones), f"{sum(one.macs for one in ones) / 1e6:,.1f}",
        f"{sum(one.bytes for one in ones) / 1e6:,.1f}", f"{_ms(ones):.3f}", f"{100 * _ms(ones) / whole:.1f}",
    )  # fmt: skip


def _ms(ones: Sequence[OperatorCost]) -> float:
    return sum(one.ms for one in ones)
