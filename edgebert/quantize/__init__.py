"""Smaller files out of float32 ones: one file a scheme in `schemes`. Importing this loads no quantiser.

A scheme that loses more than is allowed on the selection rows gets its worst blocks left in float32; where that is not
enough, the next safer scheme takes its place. What was asked for, tried and used is written down.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import get_args

from converters.artefact import Artefact, load_list, save_list
from converters.graph_spec import Format
from edgebert import console
from edgebert.errors import UserError
from edgebert.quantize.choice import Attempt, Choice, Score, save_choices
from edgebert.quantize.job import Calibration
from edgebert.quantize.processors import SEVEN_BITS, saturates_here
from edgebert.quantize.sensitivity import good, leave_out
from edgebert.quantize.workshop import Workshop, names, scheme
from edgebert.recipes.options import QuantizeOptions

__all__ = ["choose", "names", "quantize", "scheme"]


def quantize(
    source: Path,
    options: QuantizeOptions,
    target: Path,
    calibration: Calibration = lambda length: (),
    score: Score | None = None,
) -> list[Artefact]:
    """Make the smaller files of every fp32 file, their list, and the record of the choices behind them.

    Args:
        source: folder of the fp32 files.
        options: schemes, and what they may lose.
        target: where they go; a killed call goes on there.
        calibration: rows for schemes that need them.
        score: says what files lose on the selection rows; without it every scheme is taken as it is.

    Raises:
        UserError: for a scheme that does not exist or fits none of the formats, or one to calibrate without rows.
        ConversionError: if a quantiser changed inputs or outputs.
    """
    formats = tuple(dict.fromkeys(artefact.format for artefact in load_list(source)))
    asked = [(name, format) for name in options.smaller for format in _formats(name, formats)]
    seven_bits = SEVEN_BITS[options.isa]
    if ("int8", "onnx") in [(name[:4], format) for name, format in asked] and saturates_here() and not seven_bits:
        console.warn(
            "This processor saturates with full 8-bit weights: int8 ONNX files score lower here than on ARM or with "
            "VNNI. For processors like this one: --isa avx2."
        )
    made: dict[str, Artefact] = {}
    choices = []
    target.mkdir(parents=True, exist_ok=True)
    scratch = target / "scratch"
    for name, format in console.track(asked, "quantising"):
        shop = Workshop(source, scratch, calibration, score, seven_bits)
        choices.append(choose(name, format, shop, options.max_loss))
        made |= {file.path: file for file in shop.take(choices[-1].final, format, target)}
    save_choices(choices, target)
    save_list(list(made.values()), target)
    shutil.rmtree(scratch, ignore_errors=True)
    return list(made.values())


def choose(asked: str, format: Format, shop: Workshop, max_loss: float) -> Choice:
    """Try a scheme, then with its worst blocks in float32, then the next safer scheme likewise; the first that is good.

    Where none is, the one that loses least.
    """
    attempts: list[Attempt] = []
    name: str | None = asked
    while name:
        chosen = scheme(name)
        if format in chosen.FORMATS:
            attempts.append(shop.attempt(name, format))
            if not good(attempts[-1], max_loss) and chosen.MIXES:
                attempts += leave_out(shop, attempts[-1], format, max_loss)
            if good(attempts[-1], max_loss):
                break
        name = chosen.SAFER
    used = min(range(len(attempts)), key=lambda i: (not good(attempts[i], max_loss), _drop(attempts[i])))
    return Choice(format=format, asked=asked, max_loss=max_loss, attempts=tuple(attempts), used=used, runs=shop.runs)


def _drop(attempt: Attempt) -> float:
    return attempt.loss.drop if attempt.loss else 0.0


def _formats(name: str, formats: tuple[Format, ...]) -> list[Format]:
    """The formats at hand that a scheme has a form for."""
    fitting = [format for format in formats if format in scheme(name).FORMATS]
    if not fitting:
        having = [other for other in get_args(Format) if other in scheme(name).FORMATS]
        raise UserError(
            f"--schemes {name} has no form for {', '.join(formats)} files, only for {', '.join(having)}.",
            "Choose another scheme, or add the format with --formats.",
        )
    return fitting
