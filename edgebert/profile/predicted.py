"""Predict every file of a run for a device that is not at hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from converters.artefact import load_list
from device_profiles import Device
from edgebert import console, runtimes
from edgebert.errors import GateError
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

    A file whose operators are too little known is left out with the reason.
    """
    files = [(folder / file.path, one) for folder in folders for file in load_list(folder) for one in file.each()]
    found: list[Prediction] = []
    refused: list[str] = []
    for path, one in console.track(files, f"predicting for {device.name}"):
        engine, length = runtimes.USUAL[one.format], one.length or longest
        try:
            found.append(predict(path, device, engine=engine, threads=threads, length=length))
        except GateError as error:
            refused.append(error.what)
            console.warn(error.what)
    write_json(out / FILE, {"schema": SCHEMA, "predictions": [one.to_dict() for one in found], "refused": refused})
    return found


def load(folder: Path) -> list[Prediction]:
    """Read what `predict_files` wrote."""
    return [Prediction.from_dict(values) for values in read_json(folder / FILE)["predictions"]]


def refused(folder: Path) -> list[str]:
    """Why files have no prediction."""
    return list(read_json(folder / FILE)["refused"])
