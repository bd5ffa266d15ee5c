"""Times of a finished run's files on devices that were never there: measured by a phone, predicted for another."""

from dataclasses import replace

from edgebert.profile.phone import PhoneLatencies, PhoneLatency
from edgebert.profile.prediction import OperatorCost, Prediction
from edgebert.runtimes.benchmark_output import Benchmarked
from edgebert.runtimes.phone import Phone, State


def with_phone(report, *, factor=4.0, name="Galaxy", threads=1):
    """The report with a phone's times: so many times slower than this machine."""
    phone = Phone(
        serial="serial", maker="Samsung", model=name, soc="soc", android="14", abi="arm64-v8a", build="build",
        max_khz=(2400000,),
    )  # fmt: skip
    found = [on_phone(one, 5.0 * factor if one.scheme == "fp32" else 2.0 * factor, threads)
             for one in report.files if one.format == "tflite"]  # fmt: skip
    return replace(
        report,
        phones=(PhoneLatencies(phone=phone, mask="f0", program_sha256="0" * 64, latencies=tuple(found)),),
    )


def on_phone(file, ms, threads):
    measured = Benchmarked(
        calls=60, warmup=5, mean_ms=ms, std_ms=0.1, min_ms=ms, max_ms=ms, p50_ms=None, p95_ms=None, open_ms=3.0,
        first_call_ms=ms, peak_memory_mb=30.0, placements=(), refused=(), declined=False,
    )  # fmt: skip
    cool = State(thermal="none", khz=(2400000,))
    return PhoneLatency(
        file=file.path, format=file.format, scheme=file.scheme, sha256=file.sha256, bytes=file.bytes,
        length=file.length, basis="measured", threads=threads, delegate=None, nodes=None, of=None, left_behind=(),
        measured=measured, operators=(), before=cool, after=cool,
    )  # fmt: skip


def with_predictions(report, *, device="pixel4", factor=3.0, threads=4):
    """The report with predictions for a device."""
    return replace(report, predictions=tuple(predicted(one, device, factor, threads) for one in report.files))


def predicted(file, device, factor, threads):
    ms = factor * (5.0 if file.scheme == "fp32" else 2.0)
    cost = OperatorCost(kind="FULLY_CONNECTED", shape="fp32 1 x 16 x 312 x 312", count=4, macs=10, bytes=10, ms=ms)
    return Prediction(
        file=file.path, sha256=file.sha256, device=device, engine="litert" if file.format == "tflite" else "ort",
        threads=threads, length=file.length or 16, ms=ms, low_ms=ms / 2, high_ms=ms * 2, coverage=1.0, basis="spec",
        rests_on="made up", operators=(cost,),
    )  # fmt: skip
