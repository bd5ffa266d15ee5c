"""A claim held against what was measured here and is predicted for the paper's device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import device_profiles
from edgebert.claims.files import file_of, macs_of
from edgebert.claims.paper import Claim
from edgebert.claims.timing import Times
from edgebert.errors import GateError
from edgebert.profile.predict import predict
from edgebert.profile.prediction import Prediction
from edgebert.report import words


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Both models here, in the same engine and precision.

    Attributes:
        threads: of the engine.
        ms: of the model, median of the rounds' medians.
        baseline_ms: likewise of the baseline.
        ratio: times faster, the median over the rounds,
        low: the smallest,
        high: and the largest.
    """

    threads: int
    ms: float
    baseline_ms: float
    ratio: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Predicted:
    """Both models on the device, from their files.

    Attributes:
        device: its name.
        engine: the runtime's name.
        threads: of the engine.
        ms: of the model, with the interval of nine in ten measurements: `low_ms` to `high_ms`.
        baseline_ms: likewise of the baseline.
        ratio: times faster.
        basis: what the coefficients rest on, see `device_profiles.device.Basis`.
        rests_on: where the coefficients come from.
    """

    device: str
    engine: str
    threads: int
    ms: float
    low_ms: float
    high_ms: float
    baseline_ms: float
    baseline_low_ms: float
    baseline_high_ms: float
    ratio: float
    basis: str
    rests_on: str


@dataclass(frozen=True, kw_only=True)
class Held:
    """A row: the claim in one precision.

    Attributes:
        claim: what the paper says.
        scheme: "fp32" as the papers, or "int8": ours, which no paper claims.
        macs_ratio: how many times fewer multiply-adds the model does.
        measured: here, one for each number of threads.
        predicted: for the claim's device; None where it is refused.
        verdict: "met" or "not met" by the first of `measured`; empty for int8.
        why: in words.
    """

    claim: Claim
    scheme: str
    macs_ratio: float
    measured: tuple[Measured, ...]
    predicted: Predicted | None
    verdict: str
    why: str


def hold(claim: Claim, scheme: str, times: Times, threads: Sequence[int], length: int, files: Path) -> Held:
    """Hold a claim against everything, in one precision.

    Args:
        claim: what the paper says.
        scheme: of both files.
        times: of all files here.
        threads: that they were timed with, the one that decides first.
        length: tokens.
        files: folder of the files.
    """
    measured = tuple(
        _measured(count, times[claim.model, scheme, count], times[claim.baseline, scheme, count]) for count in threads
    )
    fewer = macs_of(files, claim.baseline) / macs_of(files, claim.model)
    predicted, refusal = None, ""
    try:
        own, base = (_predict(claim, name, scheme, length, files) for name in (claim.model, claim.baseline))
        predicted = _predicted(claim, own, base)
    except GateError as error:
        refusal = error.what.replace(f"{files}/", "").rstrip(".")
    reasons = [_efficiency(claim, scheme, fewer, measured[0])]
    reasons += [claim.differs] if claim.differs and scheme == "fp32" else []
    reasons += [_against_rows(claim, predicted)] if claim.rows and predicted and scheme == "fp32" else []
    reasons += [refusal] if refusal else []
    verdict = ("met" if measured[0].ratio >= claim.ratio else "not met") if scheme == "fp32" else ""
    return Held(
        claim=claim, scheme=scheme, macs_ratio=fewer, measured=measured, predicted=predicted, verdict=verdict,
        why="; ".join(reasons) + ".",
    )  # fmt: skip


def _measured(threads: int, own: Sequence[float], base: Sequence[float]) -> Measured:
    ratios = [b / o for b, o in zip(base, own, strict=True)]
    return Measured(
        threads=threads, ms=median(own), baseline_ms=median(base), ratio=median(ratios), low=min(ratios),
        high=max(ratios),
    )  # fmt: skip


def _predict(claim: Claim, model: str, scheme: str, length: int, files: Path) -> Prediction:
    file, device = file_of(files, model, scheme), device_profiles.load(claim.device)
    return predict(file.path, device, engine=claim.engine, threads=claim.threads, length=length)


def _predicted(claim: Claim, own: Prediction, base: Prediction) -> Predicted:
    return Predicted(
        device=own.device, engine=claim.engine, threads=claim.threads, ms=own.ms, low_ms=own.low_ms,
        high_ms=own.high_ms, baseline_ms=base.ms, baseline_low_ms=base.low_ms, baseline_high_ms=base.high_ms,
        ratio=base.ms / own.ms, basis=own.basis, rests_on=own.rests_on,
    )  # fmt: skip


def _efficiency(claim: Claim, scheme: str, fewer: float, here: Measured) -> str:
    """Times faster is times fewer multiply-adds by how fast each of them is: which of the two falls short."""
    said = (
        f"{words.ratio(fewer)} fewer multiply-adds, each at {here.ratio / fewer:.2f} of {claim.baseline}'s speed here"
    )
    return said + (f" ({claim.ratio / fewer:.2f} in the paper)" if scheme == "fp32" else "")


def _against_rows(claim: Claim, predicted: Predicted) -> str:
    ms = [row.ms for row in claim.rows]
    inside = [
        predicted.low_ms <= ms[0] <= predicted.high_ms,
        predicted.baseline_low_ms <= ms[1] <= predicted.baseline_high_ms,
    ]
    told = {2: "both are", 1: "one of them is", 0: "none of them is"}[sum(inside)]
    return f"the paper prints {ms[0]:g} and {ms[1]:g} ms: {told} in the predicted interval"
