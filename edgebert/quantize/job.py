"""What a scheme is handed: one file to make of one float32 file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from converters.artefact import Artefact
from converters.graph_spec import Format
from edgebert.quantize.blocks import blocks

if TYPE_CHECKING:
    import numpy as np

Calibration = Callable[["int | None"], Iterable[Mapping[str, "np.ndarray"]]]
"""Rows to calibrate on, one after another: inputs by name, int32 [1, length], padded to the length asked for, or as
long as the row is where that is None."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One quantised file to be.

    Attributes:
        source: the float32 file, in the arrangement that the scheme asks for.
        target: where to write.
        artefact: what ``source`` is.
        seven_bits: whether weights of ONNX files keep to 7 bits, see `edgebert.quantize.processors`.
        in_float: names of blocks that stay in float32, see `edgebert.quantize.blocks`.
        ranges: calibrates where it is called first; gives the path of the ranges of all activations, see
            `edgebert.quantize.ranges`.
        outliers: looks for them where it is called first; gives the modules of a TFLite file that want no fixed scale,
            see `edgebert.quantize.outliers`.
    """

    source: Path
    target: Path
    artefact: Artefact
    seven_bits: bool
    in_float: frozenset[str]
    ranges: Callable[[], Path]
    outliers: Callable[[], set[str]]

    def left_out(self) -> list[str]:
        """Names of the operators that stay in float32, sorted."""
        if not self.in_float:
            return []
        known = blocks(self.source, self.artefact.format)
        return sorted(operator for name in self.in_float for operator in known[name].operators)


class Scheme(Protocol):
    """What a file of `schemes` holds. Its file name, with hyphens, is the scheme's name in options and file names."""

    FORMATS: tuple[Format, ...]
    """File formats it has a form for."""

    SAFER: str | None
    """The scheme that takes its place where it loses too much; None for the safest."""

    MIXES: bool
    """Whether blocks may be left in float32."""

    TO_8_BITS: bool
    """Whether weights become so small that the arrangement for 8 bits suits them, see `Artefact.to_quantize`."""

    def quantize(self, job: Job) -> dict[str, str]:
        """Write the file; gives how its numbers are kept, in words, for reports and manifests."""
