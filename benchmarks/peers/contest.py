"""A contest: files made, engines opened and timed, for one model or for several side by side; finished ones stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from statistics import fmean
from typing import Any

from benchmarks import results
from benchmarks.peers import contestants, families, measured
from benchmarks.peers.contestants import Absent, Contestant
from benchmarks.peers.engine import LIMIT, OWN
from benchmarks.peers.families import SIZES
from benchmarks.peers.inputs import Inputs, prepared
from benchmarks.peers.macs import of_files, of_module
from benchmarks.peers.rounds import EACH, Field, run
from benchmarks.peers.setting import Setting
from edgebert import console
from edgebert.files import read_json, write_json


def models(name: str) -> tuple[str, ...]:
    """The families of a contest."""
    return tuple(dict.fromkeys(one for pair in families.PAIRS for one in pair)) if name == SIZES else (name,)


def hold(name: str, setting: Setting, variables: dict[str, str], *, build_only: bool, again: bool) -> dict[str, Any]:
    """Hold a contest, or give what it found earlier with the same settings and files.

    Args:
        name: a family, `sizes`, or `limit`.
        setting: how.
        variables: environment variables of the engines' processes.
        build_only: make the files and time nothing; gives nothing.
        again: time what was timed before.
    """
    if name == LIMIT:  # a stack of layers has no task
        setting = replace(setting, trained=None, table=None, plan=replace(setting.plan, scored=1))
    inputs = {model: _inputs(model, setting) for model in (models(name) if name != LIMIT else (families.NAMES[0],))}
    present, absent = _build(name, setting, inputs, variables)
    if build_only:
        return {}
    record = setting.work / "timed" / f"{name}.json"
    keys = {**setting.to_dict(), "files": sorted(contestants.stamp(one) for one in present)}
    if record.is_file() and not again and (found := read_json(record))["key"] == keys:
        console.say(f"{name}: timed before")
        return dict(found["found"])
    value = _time(name, setting, inputs, present, absent, variables)
    write_json(record, {"key": keys, "found": value})
    return value


def _inputs(model: str, setting: Setting) -> Inputs:
    folder = setting.work / model
    checkpoint = setting.trained or families.write(model, folder / "checkpoint")
    return prepared(checkpoint, setting, folder)


def _build(
    name: str, setting: Setting, inputs: dict[str, Inputs], variables: dict[str, str]
) -> tuple[list[Contestant], list[Absent]]:
    asked = contestants.variants({LIMIT: (LIMIT,), SIZES: (OWN,)}.get(name, setting.engines))
    if name == SIZES:  # of PyTorch the module as it is: the compiled one takes minutes for each model
        asked.append(measured.REFERENCE)
    present: list[Contestant] = []
    absent: list[Absent] = []
    for model, found in inputs.items():
        folder = setting.work / (LIMIT if name == LIMIT else model) / "engines"
        here, missing = contestants.build(model, asked, found.job, folder, variables)
        present, absent = present + here, absent + missing
    return present, absent


def _time(
    name: str, setting: Setting, inputs: dict[str, Inputs], present: Sequence[Contestant], absent: list[Absent],
    variables: dict[str, str],
) -> dict[str, Any]:  # fmt: skip
    watch, rows = results.Watch(), {model: found.rows for model, found in inputs.items()}
    found: dict[str, Any] = {"name": name, "scores": [], "timings": [], "limits": []}
    busy: list[float] = []
    counted = {} if name == LIMIT else inputs
    macs = {model: {"module": of_module(one.job), "files": of_files(one.job)} for model, one in counted.items()}
    for threads in setting.threads:
        console.say(f"{name}, {threads} thread{'s' if threads > 1 else ''}:")
        with Field(present, threads, rows, variables) as field:
            if name == LIMIT:
                times = run(field, setting.plan, setting.lengths[-1], ("full",))
                found["limits"] += measured.limits(times, threads)
            else:
                times = run(field, setting.plan, setting.lengths[-1], ("full",) if name == SIZES else EACH)
                found["timings"] += measured.timings(times, threads, macs)
                found["scores"] = found["scores"] or measured.scores(times, inputs)
            busy += [share for one in times.values() for share in one.others_busy]
            absent += [Absent(one.engine, one.variant, why, failed=True) for one, why in field.failed.items()]
    compare = measured.against_larger if name == SIZES else measured.against_peers
    own = watch.conditions()
    return {
        **found, "ratios": compare(found["timings"]), "absent": [asdict(one) for one in dict.fromkeys(absent)],
        "others_busy": round(fmean(busy), 3) if busy else None,
        "macs": macs,
        "conditions": {key: own[key] for key in ("date", "minutes", "revision", "load_average")},
    }  # fmt: skip
