"""What all schemes share on TFLite files: AI Edge Quantizer with a recipe, some operators left out."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from converters.quiet import quiet
from edgebert.errors import require
from edgebert.quantize.job import Job

EVERYTHING = ".*"


def write(
    job: Job, recipe: Callable[[Any], None], *, also_in_float: Iterable[str] = (), ranges: Path | None = None
) -> None:
    """Quantise a TFLite file.

    Args:
        job: which file; its blocks `in_float` are left as they are.
        recipe: adds rules to an `ai_edge_quantizer.quantizer.Quantizer`.
        also_in_float: names of more operators to leave as they are.
        ranges: of all activations, for recipes with static rules.
    """
    require("ai_edge_quantizer", "tflite")
    with quiet(), no_stderr():
        from ai_edge_quantizer import quantizer
        from ai_edge_quantizer.qtyping import TFLOperationName
        from ai_edge_quantizer.utils.calibration_utils import load_calibration_results

        from converters.tflite_sharing import share

        work = quantizer.Quantizer(job.source)
        recipe(work)
        if left := [*job.left_out(), *also_in_float]:
            work.update_quantization_recipe(
                only(left), TFLOperationName.ALL_SUPPORTED, algorithm_key=quantizer.AlgorithmName.NO_QUANTIZE
            )
        found = load_calibration_results(str(ranges))[0] if ranges else None
        job.target.write_bytes(share(work.quantize(found, enable_progress_report=False).quantized_model))


def only(names: Iterable[str]) -> str:
    """Operators of these names and no others, as recipes say it."""
    return f"^({'|'.join(map(re.escape, names))})$"


@contextmanager
def no_stderr() -> Iterator[None]:
    """Send what Python and C++ write to stderr nowhere: progress bars and engine messages that have no switch."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
