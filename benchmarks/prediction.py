"""Predicted against measured on this machine: models that the cost model was not calibrated on.

Calibrates on micro-models where that was not done yet, makes sure that no product of a test model has the sizes of one
of theirs, writes all predictions down, and only then measures.
Run: python -m benchmarks.prediction        (an hour or so, on a machine that does nothing else)
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

import device_profiles
from benchmarks import results, script
from converters.artefact import Artefact, load_list
from device_profiles import Device
from edgebert import console, runtimes
from edgebert.errors import GateError
from edgebert.files import read_json, sha256
from edgebert.profile.costs.known import work_of
from edgebert.profile.costs.steps import steps
from edgebert.profile.costs.work import Node
from edgebert.recipes.options import ConvertOptions
from edgebert.runtimes.jobs import ModelFile, Timed, TimeJob

MODELS = (
    "tinybert-4", "tinybert-6", "bilstm", "mobilebert", "mobilebert-tiny", "distilbert", "bort", "bert-base",
)  # fmt: skip
PREDICTED = "prediction-predicted"
ROUNDS, CALLS, WARMUP, SECONDS = 3, 8, 2, 0.3
Sizes = tuple[int, int, int]


def main(
    *,
    models: tuple[str, ...] = MODELS,
    lengths: tuple[int, ...] = (32, 64, 128, 256),
    threads: tuple[int, ...] = (1, 2),
    work: Path = results.WORK / "prediction",
    results_in: Path = results.FOLDER,
) -> None:
    """Calibrate, predict, measure; a killed call goes on where it stopped.

    Args:
        models: random ones of these shapes.
        lengths: tokens.
        threads: numbers of threads.
        work: where files and times are kept.
        results_in: folder of the two result files, predictions and measurements.

    Raises:
        GateError: if a test model has a product of the same sizes as a micro-model.
    """
    watch = results.Watch()
    device = _calibrated(threads, work)
    settings = list(_settings(models, lengths, threads, work))
    _check_apart(settings, work)
    said = results.command("prediction", sys.argv[1:])
    path = results_in / f"{PREDICTED}.json"
    if not (path.is_file() and read_json(path)["settings"] == [setting.key for setting in settings]):
        predictions = [_predict(setting, device) for setting in console.track(settings, "predicting")]
        results.write(
            PREDICTED, "prediction", said, watch,
            {
                "written": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "settings": [setting.key for setting in settings], "predictions": predictions,
                "engines": {name: dict(engine.coefficients) for name, engine in device.engines.items()},
            },
            results_in,
        )  # fmt: skip
    predicted, digest, began = read_json(path)["predictions"], sha256(path), time.gmtime()
    measured = _measure(settings, work)
    rows = [
        {**one, "measured_ms": round(ms, 4), "round_ms": [round(r, 4) for r in rounds], "error": one["ms"] / ms - 1}
        for one, (ms, rounds) in zip(predicted, measured, strict=True)
    ]
    results.write(
        "prediction", "prediction", said, watch,
        {"measured_from": time.strftime("%Y-%m-%dT%H:%M:%SZ", began), "predictions_sha256": digest, "rows": rows,
         "summary": summary(rows)}, results_in,
    )  # fmt: skip


def summary(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Absolute errors of each engine, precision and number of threads, and of all together."""
    groups: dict[tuple[str, str, int], list[float]] = {}
    for row in rows:
        groups.setdefault((row["engine"], row["scheme"], row["threads"]), []).append(abs(row["error"]))
    everything = ("all", "", 0), [abs(row["error"]) for row in rows]
    return [
        {
            "engine": engine, "scheme": scheme, "threads": count, "files": len(errors),
            "median": round(median(errors), 4), "p90": round(float(np.percentile(errors, 90)), 4),
            "worst": round(max(errors), 4),
        }
        for (engine, scheme, count), errors in (*sorted(groups.items()), everything)
    ]  # fmt: skip


@dataclass(frozen=True)
class _Setting:
    """One file at one length with some threads."""

    model: str
    file: ModelFile
    length: int
    threads: int

    @property
    def key(self) -> str:
        """A file name that no other setting has."""
        return f"{self.file.artefact.path}-{self.length}-t{self.threads}-{self.file.artefact.sha256[:12]}"


def _calibrated(threads: Sequence[int], work: Path) -> Device:
    """The profile of this machine, made where it is missing."""
    from edgebert.profile.calibrate import calibrate_here

    path = work / "host.toml"
    if path.is_file():
        return device_profiles.load(str(path))
    return calibrate_here(device_profiles.named("host"), sorted({1, *threads}), path, path.with_suffix(".calibration"))


def _settings(
    models: Sequence[str], lengths: tuple[int, ...], threads: Sequence[int], work: Path
) -> Iterator[_Setting]:
    for name in models:
        for folder in _files(name, lengths, work):
            for artefact in load_list(folder):
                for one, length in _each(artefact, lengths):
                    for count in threads:
                        yield _Setting(name, ModelFile(folder, one), length, count)


def _files(name: str, lengths: tuple[int, ...], work: Path) -> list[Path]:
    from benchmarks import shapes
    from benchmarks.peers import families

    made = [work / "files" / name / scheme for scheme in ("fp32", "int8")]
    if all((folder / "artefacts.json").is_file() for folder in made):
        return made
    checkpoint = families.write(name, work / "checkpoints" / name)
    return shapes.write_all_files(checkpoint, name, ConvertOptions(lengths=lengths), work / "files" / name)


def _each(artefact: Artefact, lengths: Sequence[int]) -> Iterator[tuple[Artefact, int]]:
    if artefact.length is None:
        yield from ((artefact, length) for length in lengths)
    else:
        yield from ((one, one.length) for one in artefact.each() if one.length and one.length in lengths)


def _check_apart(settings: Sequence[_Setting], work: Path) -> None:
    """No product of a test model may have been calibrated on."""
    folder = work / "host.calibration"
    micro: dict[Sizes, str] = {}
    for row in read_json(folder / "rows.json"):
        path = folder / row["engine"] / row["file"].rsplit("-", 1)[0] / row["file"]
        micro |= dict.fromkeys(products(steps(path, row["rows"])[1]), row["file"])
    for setting in settings:
        if setting.threads == settings[0].threads:
            for sizes in products(steps(setting.file.path, setting.length)[1]) & set(micro):
                raise GateError(f"{setting.file.path.name} and {micro[sizes]} share a product {sizes}.")


def products(nodes: Sequence[Node]) -> set[Sizes]:
    """(m, k, n) of all products."""
    return {
        (work.m, work.k, work.n) for node in nodes for work in work_of(node) or () if work.kind == "matmul"
    }  # fmt: skip


def _predict(setting: _Setting, device: Device) -> dict[str, Any]:
    from edgebert.profile.predict import predict

    file = setting.file
    found = predict(
        file.path, device, engine=runtimes.USUAL[file.artefact.format], threads=setting.threads, length=setting.length
    )
    return {
        "model": setting.model, "file": found.file, "sha256": found.sha256, "engine": found.engine,
        "scheme": file.artefact.scheme, "length": found.length, "threads": found.threads, "ms": found.ms,
        "low_ms": found.low_ms, "high_ms": found.high_ms, "coverage": found.coverage, "macs": found.macs,
    }  # fmt: skip


def _measure(settings: Sequence[_Setting], work: Path) -> list[tuple[float, list[float]]]:
    """Median of all calls, and of each round; rounds go over all settings in turn."""
    from benchmarks import shapes
    from edgebert.profile.sample import Sample

    task = shapes.write_dev_rows(work / "task")
    sample = Sample(task, work / "task" / "tokenizer.json", rows=16, rounds=1, scratch=work / "rows")
    rounds: dict[str, list[Timed]] = {setting.key: [] for setting in settings}
    with console.bar("measuring", ROUNDS * len(settings)) as bar:
        for number in range(ROUNDS):
            for setting in settings:
                rounds[setting.key].append(_round(setting, sample.full(setting.length), number, work / "rounds"))
                bar.advance()
    calls = [[timed.ms for timed in rounds[setting.key]] for setting in settings]
    return [(median(ms for one in each for ms in one), [median(one) for one in each]) for each in calls]


def _round(setting: _Setting, rows: Path, number: int, folder: Path) -> Timed:
    job = TimeJob((setting.file,), rows, setting.threads, WARMUP, CALLS, SECONDS)
    return runtimes.timed_once(job, folder / f"{setting.key}-{number}.json")


if __name__ == "__main__":
    script.run(main)
