"""The coefficients that a prediction uses: the device's own where it was measured, else the usual ones for its chip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from device_profiles import Device
from device_profiles.device import FLOP_PER_MAC, Basis
from edgebert.errors import UserError

SHARES = {
    "fp32_efficiency": 0.5, "int8_efficiency": 0.35, "bandwidth_efficiency": 0.5, "fp32_tile": 8, "int8_tile": 8,
    "parallel_share": 0.95, "memory_parallel_share": 0, "element_parallel_share": 0.9,
}  # fmt: skip
"""Where nothing was measured: of the peak, what TensorFlow's own tables show for convolutions on Pixel 3 and 4 with
four threads (fp32 47 to 60 %, int8 35 %); the others are assumptions."""
FITTED: dict[str, dict[str, float]] = {
    "litert": {
        "call_us": 2, "op_us": 0.017, "outside_us": 0.2, "arithmetic_ns": 0.02, "broadcast_ns": 0.04,
        "copy_ns": 0.057, "fp32_input_ns": 0, "fp32_output_ns": 0, "gather_int8_ns": 0.48, "gather_ns": 0.028,
        "gelu_ns": 0.123, "int8_input_ns": 0.32, "int8_output_ns": 0, "pack_ns": 0.12, "quantise_input_ns": 0,
        "quantise_ns": 0.1, "reduce_ns": 0.03, "reduce_row_ns": 0, "softmax_ns": 0.118, "softmax_row_ns": 12,
        "tanh_ns": 0.092, "transpose_ns": 0.061, "view_ns": 0, "norm_ns": 0.32, "norm_row_ns": 12, "step_us": 0.46,
        "sync_us": 1, "weights_gbs": 106, "near_gbs": 200, "cache_gbs": 425,
    },
    "ort": {
        "call_us": 4, "op_us": 0.24, "outside_us": 0, "arithmetic_ns": 0.057, "broadcast_ns": 0.079,
        "copy_ns": 0.054, "fp32_input_ns": 0, "fp32_output_ns": 0, "gather_int8_ns": 0.48, "gather_ns": 0.011,
        "gelu_ns": 0.43, "int8_input_ns": 0, "int8_output_ns": 0.21, "pack_ns": 0.156, "quantise_input_ns": 0.014,
        "quantise_ns": 0.1, "reduce_ns": 0.041, "reduce_row_ns": 2.4, "softmax_ns": 0.16, "softmax_row_ns": 5.7,
        "tanh_ns": 0.187, "transpose_ns": 0.167, "view_ns": 0, "norm_ns": 0.316, "norm_row_ns": 12, "step_us": 0.46,
        "sync_us": 1, "weights_gbs": 126, "near_gbs": 147, "cache_gbs": 425,
    },
}  # fmt: skip
"""What the rest costs on a server core (AMD EPYC, family 26; fitted on micro-models, 2026-11-20), whose large fp32
products reach `REACHED`: elsewhere it takes longer as those do. `quantise_ns` and `sync_us` are assumptions."""
FITTED["tflite-2020"] = FITTED["litert"]
REACHED = 124.0
"""1e9 multiply-adds a second."""
SPREAD = (0.6, 1.8)
"""An unmeasured device is expected between these multiples: an assumption, wider than the shares of the peak differ."""


@dataclass(frozen=True)
class Coefficients:
    """What a prediction uses.

    Attributes:
        values: see `device_profiles.device.COEFFICIENTS`.
        low: nine in ten measurements lie between this multiple of the prediction,
        high: and this.
        basis: see `device_profiles.device.Basis`.
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
        return Coefficients(own.coefficients, 1 / (1 + fit.error_90), 1 + fit.error_90, device.basis, words)
    if engine not in FITTED:
        raise UserError(f"There is no cost model of the engine '{engine}'.", f"There are: {', '.join(FITTED)}.")
    peak = device.peak_gops("fp32", 1)
    if peak is None:
        raise UserError(
            f"Nothing was measured on {device.name}, and its clock or its multiply-adds a cycle are not known.",
            "Measure it: edgebert calibrate --device NAME.",
        )
    slower = REACHED / (peak / FLOP_PER_MAC * SHARES["fp32_efficiency"])
    values = SHARES | {
        name: value / slower if name.endswith("_gbs") else value * slower for name, value in FITTED[engine].items()
    }
    if device.memory is None or device.memory.bandwidth_gbs is None:
        values["memory_gbs"] = values["weights_gbs"] * SHARES["bandwidth_efficiency"]
    words = "nothing measured here: usual shares of the chip's peak, and a server core's other costs, scaled by them"
    return Coefficients(values, *SPREAD, "spec", words)
