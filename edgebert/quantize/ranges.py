"""Ranges of a file's activations over the calibration rows: smallest and largest value of each tensor.

Plain minimum and maximum: they do not depend on the order of rows, and nothing that was seen is clipped. Rows pass a
few at a time, so memory does not grow with their number.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from converters.artefact import Artefact, Entry
from converters.quiet import quiet
from edgebert.errors import UserError, require
from edgebert.files import atomic
from edgebert.quantize.blocks import ONNX_WEIGHTS, tflite_products
from edgebert.quantize.job import Calibration
from edgebert.quantize.tflite import no_stderr
from edgebert.store import machine

if TYPE_CHECKING:
    import numpy as np

STRIDE = 64
"""Rows whose ranges are held at once: both libraries keep a record of each row of a call."""

RENEWED = 16 * STRIDE
"""Rows after which the TFLite calibrator is made anew: ai-edge-litert 2.3 loses about 5 KB of memory in each run."""


def write_ranges(source: Path, artefact: Artefact, calibration: Calibration, path: Path) -> Path:
    """Calibrate a float32 file and write its ranges in the format of its quantiser; what is there is left as it is.

    Args:
        source: the float32 file.
        artefact: what it is.
        calibration: rows to run.
        path: of the ranges, JSON.

    Returns:
        ``path``.

    Raises:
        UserError: if there are no calibration rows.
    """
    if path.is_file():
        return path
    with atomic(path) as temporary:
        seen = (_onnx if artefact.format == "onnx" else _tflite)(source, artefact, calibration, temporary)
        if not seen:
            raise UserError(
                "There are no rows to calibrate on: they are carved from the train table.",
                "Give --train and --calibration-rows above 0, or a scheme that needs no calibration: int8.",
            )
    return path


def _rows(calibration: Calibration, entry: Entry) -> Iterator[Mapping[str, np.ndarray]]:
    names = {spec.name for spec in entry.inputs}
    return ({name: row[name] for name in names} for row in calibration(entry.length))


def _onnx(source: Path, artefact: Artefact, calibration: Calibration, path: Path) -> int:
    require("onnxruntime", "onnx")
    with quiet(), tempfile.TemporaryDirectory(prefix="edgebert-") as scratch:
        from onnxruntime.quantization.calibrate import create_calibrator, save_tensors_data

        augmented = str(Path(scratch) / "augmented.onnx")
        calibrator = create_calibrator(source, list(ONNX_WEIGHTS), augmented_model_path=augmented)
        seen, rows = 0, _rows(calibration, artefact.entries[0])
        # Each call merges its ranges into those before; the library's own option for long data forgets rows instead.
        while some := list(islice(rows, STRIDE)):
            calibrator.collect_data(_Reader(some))
            seen += len(some)
        if seen:
            save_tensors_data(calibrator.compute_data(), path)
        return seen


class _Reader:
    """Rows as ONNX Runtime's calibrators ask for them."""

    def __init__(self, rows: list[Mapping[str, np.ndarray]]) -> None:
        self._rows = iter(rows)

    def get_next(self) -> Mapping[str, np.ndarray] | None:
        return next(self._rows, None)


def _tflite(source: Path, artefact: Artefact, calibration: Calibration, path: Path) -> int:
    require("ai_edge_quantizer", "tflite")
    with quiet(), no_stderr():
        from ai_edge_quantizer import calibrator, recipe_manager
        from ai_edge_quantizer.utils.qsv_utils import min_max_update

        seen = 0
        found: dict[str, Any] = {}
        for entry in artefact.entries:
            rows = _rows(calibration, entry)
            while some := list(islice(rows, STRIDE)):
                if seen % RENEWED == 0:
                    work = calibrator.Calibrator(
                        str(source),
                        num_threads=int(machine()["cores"]),
                        mode=calibrator.CalibrationMode.CALIBRATION_PROFILER_BASED,
                        qsv_update_func=min_max_update,  # its moving average depends on the order of rows, and clips
                    )
                    work.load_model_qsvs(found)
                work.calibrate({entry.signature: some}, recipe_manager.RecipeManager())
                found = work.get_model_qsvs()
                seen += STRIDE
        if seen:
            work.load_model_qsvs(_joined(found, source))
            work.save_calibration_result(str(path))
        return seen


def _joined(found: dict[str, Any], source: Path) -> dict[str, Any]:
    """One range for what a product reads, and one for what it writes, in all functions of a file.

    So its bias is the same numbers in all of them, and XNNPACK packs it and its weights once; and a function for short
    texts knows what longer ones hold.
    """
    import numpy as np

    functions = [[name for product in function for name in product.names] for function in tflite_products(source)]
    functions = [names for names in functions if names]
    if len({len(names) for names in functions}) != 1:
        return found
    joined = dict(found)
    for alike in zip(*functions, strict=True):
        if all(found.get(name) for name in alike):  # of what was run
            low = np.minimum.reduce([joined[name]["min"] for name in alike])
            high = np.maximum.reduce([joined[name]["max"] for name in alike])
            joined |= {name: {"min": low, "max": high} for name in alike}
    return joined
