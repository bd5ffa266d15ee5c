"""Predict every file of a run for a device that is not at hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from converters.artefact import load_list
from device_profiles import Device
from edgebert import console, runtimes
from edgebert.files import read_json, write_json
from edgebert.profile.predict import predict
from edgebert.profile.prediction import Prediction

SCHEMA = 1
FILE = "predictions.json"


def predict_files(folders: Sequence[Path], device: Device, threads: int, longest: int, out: Path) -> list[Prediction]:
    """Predict each function of each file at its length, those of any length at ``longest`` tokens.

    Args:
        folders: of the files, with their `artefacts.json`.
        device: a profile.
        threads: of the engine.
        longest: tokens.
        out: folder for `predictions.json`.

    Raises:
        GateError: if the cost of too few of a file's operators is known.
    """
    files = [(folder / file.path, one) for folder in folders for file in load_list(folder) for one in file.each()]
    found = [
        predict(
            path, device, engine=runtimes.USUAL[one.format], threads=threads, length=one.length or longest
        )
        for path, one in console.track(files, f"predicting for {device.name}")
    ]  # fmt: skip
    write_json(out / FILE, {"schema": SCHEMA, "predictions": [one.to_dict() for one in found]})
    return found


def load(folder: Path) -> list[Prediction]:
    """Read what `predict_files` wrote."""
    return [Prediction.from_dict(values) for values in read_json(folder / FILE)["predictions"]]
