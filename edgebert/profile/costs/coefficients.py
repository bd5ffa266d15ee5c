"""The coefficients that a prediction uses: the device's own where it was measured, else the usual ones for its chip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from device_profiles import Device
from device_profiles.device import Basis
from edgebert.errors import UserError

USUAL: dict[str, dict[str, float]] = {
    "litert": {
        "call_us": 10, "op_us": 0.5, "outside_us": 2, "fp32_efficiency": 0.55, "int8_efficiency": 0.45,
        "fp32_input_ns": 0.1, "int8_input_ns": 0.1, "quantise_input_ns": 0.1, "fp32_output_ns": 0.1,
        "int8_output_ns": 0.1, "pack_ns": 0.2, "bandwidth_efficiency": 0.5, "cache_gbs": 30, "arithmetic_ns": 0.1,
        "copy_ns": 0.1, "transpose_ns": 0.5, "view_ns": 0.05, "gather_ns": 0.2, "quantise_ns": 0.2, "softmax_ns": 0.5,
        "gelu_ns": 0.8, "tanh_ns": 0.5, "norm_ns": 0.5, "reduce_ns": 0.1, "parallel_share": 0.95,
        "element_parallel_share": 0.9, "sync_us": 2, "step_us": 2,
    },
}  # fmt: skip
"""Of each engine, where nothing was measured: in nanoseconds of `REFERENCE_GMACS`."""
USUAL["ort"] = {**USUAL["litert"], "op_us": 2}
USUAL["tflite-2020"] = USUAL["litert"]
REFERENCE_GMACS = 83.1
"""Peak of one thread of the core that `USUAL` was fitted on, fp32: other cores take longer as theirs is lower."""
SPREAD = (0.6, 1.8)
"""Nine in ten devices are expected between these multiples of what the usual coefficients predict."""


@dataclass(frozen=True)
class Coefficients:
    """What a prediction uses.

    Attributes:
        values: see `device_profiles.device.COEFFICIENTS`.
        low: nine in ten measurements lie between this multiple of the prediction,
        high: and this.
        basis: "measured" or "spec".
        rests_on: where they come from, in words.
    """

    values: Mapping[str, float]
    low: float
    high: float
    basis: Basis
    rests_on: str


def coefficients_of(device: Device, engine: str) -> Coefficients:
    """The coefficients of an engine on a device.

    Raises:
        UserError: for an unknown engine, or a device whose peak nobody knows and that was not measured either.
    """
    if engine in device.engines:
        own = device.engines[engine]
        fit = own.fit
        words = (
            f"{engine} {own.version}, {fit.how} on {fit.on}, {fit.when}: {fit.rows} latencies, median error "
            f"{fit.median_error:.1%}, nine in ten within {fit.error_90:.1%}"
        )
        return Coefficients(own.coefficients, 1 / (1 + fit.error_90), 1 + fit.error_90, "measured", words)
    if engine not in USUAL:
        raise UserError(f"There is no cost model of the engine '{engine}'.", f"There are: {', '.join(USUAL)}.")
    peak = device.peak_gops("fp32", 1)
    if peak is None:
        raise UserError(
            f"Nothing was measured on {device.name}, and its clock or its multiply-adds a cycle are not known.",
            "Measure it: edgebert calibrate --device NAME.",
        )
    slower = REFERENCE_GMACS / (peak / 2)
    values = {name: value * slower if name.endswith(("_ns", "_us")) else value for name, value in USUAL[engine].items()}
    values["cache_gbs"] = USUAL[engine]["cache_gbs"] / slower
    if device.memory is None or device.memory.bandwidth_gbs is None:
        values["memory_gbs"] = values["cache_gbs"]
    words = "nothing measured here: the chip's peak and the usual efficiency"
    return Coefficients(values, *SPREAD, "spec", words)
