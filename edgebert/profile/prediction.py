"""A predicted latency: never without its interval, what it rests on, and what it leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgebert.files import read_json, write_json

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class OperatorCost:
    """What the operators of one kind and shape are predicted to take in a call.

    Attributes:
        kind: as the engine runs it: "FULLY_CONNECTED", "MatMulIntegerToFloat".
        shape: of their work: "int8 1 x 128 x 312 x 1200" (batch, rows, inner size, columns), or "fp32 39,936".
        count: how many of them a call runs.
        macs: multiply-adds of all of them.
        bytes: that all of them read and write.
        ms: of all of them.
    """

    kind: str
    shape: str
    count: int
    macs: int
    bytes: int
    ms: float


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The milliseconds that a call of a file is predicted to take, tokenising aside.

    Attributes:
        file: its name.
        sha256: of the file.
        device: name of the device.
        engine: "litert" or "ort".
        threads: of the engine.
        length: tokens of the row.
        ms: the prediction.
        low_ms: nine in ten measurements are expected between this,
        high_ms: and this.
        coverage: share whose cost is known, of the operators or of the bytes that they move, the smaller; 0 to 1.
        basis: what the coefficients rest on, see `device_profiles.device.Basis`.
        rests_on: where the coefficients come from, in words.
        operators: the longest first.
        unknown: kinds of operators whose cost is not known; they are in no number but the coverage.
    """

    file: str
    sha256: str
    device: str
    engine: str
    threads: int
    length: int
    ms: float
    low_ms: float
    high_ms: float
    coverage: float
    basis: str
    rests_on: str
    operators: tuple[OperatorCost, ...]
    unknown: tuple[str, ...] = ()

    @property
    def macs(self) -> int:
        """Multiply-adds of a call."""
        return sum(operator.macs for operator in self.operators)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Prediction:
        """The inverse of `to_dict`."""
        operators = tuple(OperatorCost(**one) for one in values["operators"])
        return cls(**{**values, "operators": operators, "unknown": tuple(values["unknown"])})

    def save(self, path: Path) -> None:
        """Write as JSON."""
        write_json(path, {"schema": SCHEMA, **self.to_dict()})

    @classmethod
    def load(cls, path: Path) -> Prediction:
        """Read what `save` wrote."""
        return cls.from_dict({name: value for name, value in read_json(path).items() if name != "schema"})
