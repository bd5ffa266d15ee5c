"""What a run found of a model, as the plain values of a result file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

import numpy as np

from benchmarks.peers import limit
from benchmarks.peers.contestants import Contestant
from benchmarks.peers.engine import OWN
from benchmarks.peers.families import PAIRS
from benchmarks.peers.inputs import Inputs
from benchmarks.peers.ratios import paired
from benchmarks.peers.rounds import Times

REFERENCE = ("pytorch", "eager")
"""Whose logits the others' are held against."""
Values = dict[str, Any]
Macs = Mapping[str, int]
"""Multiply-adds of a text of full length: of the `module` that other tools are given, of edgebert's `files`."""


def scores(times: Mapping[Contestant, Times], inputs: Mapping[str, Inputs]) -> list[Values]:
    """Each contestant's setting and what its logits are worth.

    ``difference`` is the largest of a logit to the module's own in PyTorch, ``score`` is in points of the task's metric
    where the model has learnt one.
    """
    logits = {one: np.asarray(found.logits, np.float32) for one, found in times.items()}
    reference = {one.model: found for one, found in logits.items() if (one.engine, one.variant) == REFERENCE}
    return [
        {
            "model": one.model, "engine": one.engine, "variant": one.variant, **asdict(one.of),
            "rows": len(found),
            "score": inputs[one.model].score(found),
            "difference": float(np.abs(found - reference[one.model]).max()) if one.model in reference else None,
        }
        for one, found in logits.items()
    ]  # fmt: skip


def timings(times: Mapping[Contestant, Times], threads: int, macs: Mapping[str, Macs]) -> list[Values]:
    """Each contestant's rounds, and at full length the rate that its graph's multiply-adds make of them."""
    return [
        {
            "model": one.model, "engine": one.engine, "variant": one.variant, "precision": one.of.precision,
            "threads": threads, "at": at, "ms": round(median(rounds), 4), "round_ms": [round(ms, 4) for ms in rounds],
            "gops": round(2 * _macs(one, macs) / median(rounds) / 1e6, 1) if at == "full" else None,
        }
        for one, found in times.items()
        for at, rounds in found.ms.items()
    ]  # fmt: skip


def _macs(one: Contestant, macs: Mapping[str, Macs]) -> int:
    return macs[one.model]["files" if one.engine == OWN else "module"]


def limits(times: Mapping[Contestant, Times], threads: int) -> list[Values]:
    """What each stack of layers reaches, 10^9 operations a second."""
    return [
        {"variant": one.variant, "precision": one.of.precision, "threads": threads,
         "gops": round(limit.gops(one.variant, median(found.ms["full"])), 1)}
        for one, found in times.items()
    ]  # fmt: skip


def against_peers(found: Sequence[Values]) -> list[Values]:
    """How many times faster each file of edgebert's is than each peer: the same precision, threads and rows."""
    same = ("model", "precision", "threads", "at")
    own = [one for one in found if one["engine"] == OWN]
    pairs = [
        (one, other)
        for one in own
        for other in found
        if other["engine"] != OWN and all(one[key] == other[key] for key in same)
    ]
    return _ratios(pairs)


def against_larger(found: Sequence[Values]) -> list[Values]:
    """How many times faster a small model is than the large one that its paper names, in the same engine.

    Both in one precision, and int8 against fp32: the rows say which.
    """
    same = ("engine", "threads", "at")
    pairs = [
        (one, other)
        for small, large in PAIRS
        for one in found
        for other in found
        if (one["model"], other["model"]) == (small, large)
        and all(one[key] == other[key] for key in same)
        and one["variant"].split("-")[0] == other["variant"].split("-")[0]
        and (one["precision"], other["precision"]) != ("fp32", "int8")
    ]
    return _ratios(pairs)


def _ratios(pairs: Iterable[tuple[Values, Values]]) -> list[Values]:
    names = ("model", "engine", "variant", "precision")
    return [
        {
            **{name: one[name] for name in (*names, "threads", "at")},
            "against": {name: other[name] for name in names},
            **{name: round(value, 3) for name, value in asdict(paired(one["round_ms"], other["round_ms"])).items()},
        }
        for one, other in pairs
    ]
