"""Products that a fixed scale of 8 bits does not suit: those whose scales stay to be found at run time.

In trained BERTs a few units of a few tokens are hundreds of times as large as all others, in what FFNs write above all
(Bondarenko et al. 2021, "Understanding and Overcoming the Challenges of Efficient Transformer Quantization"): a scale
that holds them rounds the rest away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from converters.artefact import Artefact
from converters.quiet import quiet
from edgebert.errors import require
from edgebert.files import read_json, write_json
from edgebert.quantize.blocks import tflite_products
from edgebert.quantize.job import Calibration
from edgebert.quantize.tflite import no_stderr
from edgebert.store import machine

if TYPE_CHECKING:
    import numpy as np

ROWS = 32
"""Rows that are looked at: outliers are those of a few units, the same in all texts."""

MOST = 0.01
"""Share of a token's squared length that rounding may take away, on average: of a tinybert-4 taught SST-2, 24 of 26
products lose 0.0001 to 0.006, and the two of outliers 0.02 and 0.94."""

STEPS = 255
"""From the smallest number of 8 bits to the largest."""


def find_outliers(source: Path, artefact: Artefact, calibration: Calibration, ranges: Path, path: Path) -> set[str]:
    """Modules of a float32 TFLite file whose products read or write outliers; what was found before stays.

    Args:
        source: the float32 file.
        artefact: what it is; its longest function is run.
        calibration: rows to run.
        ranges: of the file's activations, see `edgebert.quantize.ranges`.
        path: of what is found, JSON.
    """
    if not path.is_file():
        require("ai_edge_quantizer", "tflite")
        entry = artefact.entries[-1]
        with quiet(), no_stderr():
            losses = _losses(source, entry.signature, islice(calibration(entry.length), ROWS), ranges)
        write_json(path, losses)
    return {module for module, loss in read_json(path).items() if loss > MOST}


def rounding(x: np.ndarray, low: float, high: float) -> np.ndarray:
    """What rounding to 8 bits of a fixed scale takes away: share of each token's squared length, float [tokens].

    |x - s round(x / s)|^2 / |x|^2 with s = (high - low) / 255, the range made to hold 0 as quantisers make it.

    Args:
        x: [tokens, width].
        low: smallest value that the scale holds.
        high: largest.
    """
    import numpy as np

    step = (max(high, 0.0) - min(low, 0.0)) / STEPS or 1.0
    lost = x - step * np.rint(x / step)
    return np.asarray((lost**2).sum(1) / np.maximum((x**2).sum(1), np.finfo(np.float32).tiny))


def _losses(
    source: Path, signature: str | None, rows: Iterable[Mapping[str, np.ndarray]], ranges: Path
) -> dict[str, float]:
    """The larger loss of what a module's product reads and writes, by module, the mean over all tokens."""
    import numpy as np
    from ai_edge_quantizer.utils import tfl_interpreter_utils as interpreters
    from ai_edge_quantizer.utils.calibration_utils import load_calibration_results

    found = load_calibration_results(str(ranges))[0]
    interpreter = interpreters.create_tfl_interpreter(
        str(source), use_xnnpack=False, num_threads=int(machine()["cores"])
    )
    graph = interpreters.get_signature_main_subgraph_index(interpreter, signature)
    products = tflite_products(source)[graph]
    runner = interpreter.get_signature_runner(signature)
    inputs = runner.get_input_details()
    losses: dict[tuple[str, int], list[np.ndarray]] = {}
    for row in rows:
        runner(**{name: row[name] for name in inputs})
        for product in products:
            for place, name in zip(product.places, product.names, strict=True):
                low, high = (float(np.asarray(found[name][end]).item()) for end in ("min", "max"))
                x = _tokens(interpreter.get_tensor(place, graph), row["attention_mask"])
                losses.setdefault((product.module, place), []).append(rounding(x, low, high))
    worst: dict[str, float] = {}
    for (module, _), parts in losses.items():
        worst[module] = max(worst.get(module, 0.0), float(np.concatenate(parts).mean()))
    return worst


def _tokens(x: np.ndarray, attention_mask: np.ndarray) -> np.ndarray:
    """Activations [rows, width], of tokens without padding where there is a row for each."""
    x = x.reshape(-1, x.shape[-1])
    return x[attention_mask[0] > 0] if len(x) == attention_mask.shape[1] else x
