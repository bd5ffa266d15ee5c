"""A latency and its conditions: neither is ever without the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from edgebert.files import read_json, write_json

SCHEMA = 1
Basis = Literal["measured"]
At = Literal["length", "rows"]


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """Under which conditions a latency holds.

    Attributes:
        engine: the runtime's name.
        engine_version: its version.
        threads: threads of the engine.
        length: tokens of every row; None where rows have their own lengths.
        batch: rows in a call.
        runs: timed calls.
        rounds: processes they were spread over, between those of the other files.
        warmup: calls before the clock started, beside the first ones, in the process that had the fewest.
        processor: the processor in words.
        cores: cores this process may use.
        system: the operating system.
        load_average: over the last minute, the highest at the start of a round; counts the rounds before. None on a
            phone, which does not tell it.
        others_busy: share of all cores used by other processes while the clock ran, the highest of the rounds.
    """

    engine: str
    engine_version: str
    threads: int
    length: int | None
    batch: int
    runs: int
    rounds: int
    warmup: int
    processor: str
    cores: int
    system: str
    load_average: float | None
    others_busy: float | None


@dataclass(frozen=True, kw_only=True)
class Latency:
    """Milliseconds of one call: arrays in, arrays out; tokenising is not in it.

    Attributes:
        model: whose files these are.
        files: the file, or the set from which each row takes the shortest that it fits in.
        format: "onnx" or "tflite".
        scheme: precision.
        bytes: size of all files.
        basis: how the numbers came about; numbers of different bases never share a column.
        at: full length, or the dev rows' own lengths.
        p50_ms: median.
        p90_ms: nine calls in ten are faster.
        p99_ms: 99 in 100 are faster.
        mean_ms: the mean.
        round_p50_ms: the median of each round: how steady it was.
        open_ms: cold start: opening the files, which lie in the page cache; median of the rounds.
        first_call_ms: cold start: the first call of each file; median of the rounds.
        peak_memory_mb: growth of the process's peak resident memory by the files, MiB; the highest of the rounds.
        conditions: under which all this holds.
    """

    model: str
    files: tuple[str, ...]
    format: str
    scheme: str
    bytes: int
    basis: Basis
    at: At
    p50_ms: float
    p90_ms: float
    p99_ms: float
    mean_ms: float
    round_p50_ms: tuple[float, ...]
    open_ms: float
    first_call_ms: float
    peak_memory_mb: float | None
    conditions: Conditions


@dataclass(frozen=True)
class Latencies:
    """All that profile measured."""

    latencies: tuple[Latency, ...]

    def select(self, **wanted: Any) -> list[Latency]:
        """Latencies whose fields, or whose conditions' fields, have these values: `select(threads=1, at="rows")`."""

        def value(latency: Latency, name: str) -> Any:
            return getattr(latency, name) if hasattr(latency, name) else getattr(latency.conditions, name)

        return [one for one in self.latencies if all(value(one, name) == want for name, want in wanted.items())]

    def save(self, path: Path) -> None:
        """Write as JSON."""
        write_json(path, {"schema": SCHEMA, **asdict(self)})

    @classmethod
    def load(cls, path: Path) -> Latencies:
        """Read what `save` wrote."""
        return cls(tuple(_latency(values) for values in read_json(path)["latencies"]))


def _latency(values: Mapping[str, Any]) -> Latency:
    plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
    plain["conditions"] = Conditions(**values["conditions"])
    return Latency(**plain)
