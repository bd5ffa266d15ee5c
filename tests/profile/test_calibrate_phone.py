"""Calibration through adb, with stand-ins for `adb` and `benchmark_model`: no phone was at hand."""

import json
import os

import phone_outputs as outputs
import pytest
import tiny

import device_profiles
from edgebert.profile import calibrate as stage
from edgebert.profile.costs.coefficients import coefficients_of
from edgebert.profile.costs.fit import Call, Row
from edgebert.profile.costs.steps import steps
from edgebert.profile.micro import files
from edgebert.profile.micro.grid import micros

PIXEL4 = device_profiles.load("pixel4")


def calibrate(out, device="pixel4"):
    program = ("--benchmark-model", os.environ["BENCHMARK"])
    return tiny.call("calibrate", "--device", device, "--adb", "auto", *program, "--out", out)


@pytest.fixture
def few(monkeypatch):
    """The smallest micro-models alone."""
    monkeypatch.setattr(stage, "micros", lambda cache: [one for one in micros(cache) if one.name.startswith("tiny")])


@pytest.mark.slow
def test_it_finds_the_coefficients_of_a_phone_that_keeps_to_the_formula(phone, tmp_path, capsys):
    values = coefficients_of(PIXEL4, "litert").values
    told = files.write(micros(PIXEL4.shared_cache_bytes), "litert", tmp_path / "told")
    for file in told:
        nodes = steps(file.path, file.artefact.length)[1]
        for threads in (1, 4):
            ms = Call.of(Row(file.path.name, nodes, threads, 1.0)).predicted(PIXEL4, values)
            phone.prints(f"{file.path.name}-t{threads}", outputs.CPU.replace("median=576856", f"median={1000 * ms}"))
    assert calibrate(tmp_path / "mine.toml") == 0

    assert set((phone.folder / "masks").read_text().split()) == {"f0"}
    made = device_profiles.load(str(tmp_path / "mine.toml"))
    engine = made.engines["litert"]
    assert (made.basis, engine.version.split()[0], "ort" in made.engines) == ("measured", "benchmark_model", False)
    assert (engine.fit.rows, engine.fit.median_error, engine.fit.error_90) == (2 * len(told), 0, 0)
    assert dict(engine.coefficients) == pytest.approx({name: values[name] for name in engine.coefficients}, rel=1e-3)
    assert "litert: predicted against measured" in capsys.readouterr().out


def test_a_phone_that_goes_away_ends_it_and_the_next_call_goes_on(phone, few, tmp_path, capsys):
    phone.prints("tiny-4-0-fp32.tflite-t4", outputs.CPU.partition("Inference timings")[0])
    assert calibrate(tmp_path / "mine.toml") == 1
    assert "ends before the timings" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "mine.toml").exists()
    rows = json.loads((tmp_path / "mine.calibration" / "rows.json").read_text())
    calls = len(phone.flags)
    assert calibrate(tmp_path / "mine.toml") == 1
    assert len(phone.flags) - calls == 1, "what had been timed was not timed again"
    assert json.loads((tmp_path / "mine.calibration" / "rows.json").read_text()) == rows


@pytest.mark.parametrize(
    ("device", "devices", "message"),
    [
        ("pixel4", "\n", "No phone is connected"),
        ("pixel4", "9A201FFAZ000XY\tunauthorized\n", "allow USB debugging in the dialogue"),
        ("mine", "9A201FFAZ000XY\tdevice\n", "There is no profile 'mine'"),
    ],
)
def test_what_is_missing_is_named(phone, tmp_path, capsys, device, devices, message):
    phone.says("devices", devices)
    assert calibrate(tmp_path / "out.toml", device) == 2
    assert message in " ".join(capsys.readouterr().err.split())
    assert not list(tmp_path.glob("out*"))
