"""A bundle's files on emulated arm64 processors: held against this machine, and refused where they differ."""

import numpy as np
import pytest
from toy_bundle import TEXTS, Bundle

from android_demo.check.arm import emulator, parity
from benchmarks.render import render
from edgebert import runtimes
from edgebert.errors import GateError, UserError


class Other:
    """This machine's engine as another processor's, whose outputs are ``off``."""

    name = "ort"

    def __init__(self, off):
        self.off = off

    def version(self):
        return "9"

    def run(self, job):
        runtimes.get("ort").run(job)
        np.save(job.out, np.load(job.out) + np.float32([self.off, 0]))


@pytest.fixture
def made(tmp_path):
    return Bundle(tmp_path / "bundle").folder


@pytest.mark.parametrize(("off", "right"), [(0, {"fp32", "int8"}), (1e-3, {"int8"}), (20, set())])
def test_what_differs_is_measured_and_refused(made, monkeypatch, tmp_path, off, right):
    monkeypatch.setattr(parity, "engines", lambda processor: {"onnx": Other(off)})
    found = parity.compare(made, ("cortex-a53", "cortex-a76"), tmp_path / "work")
    assert [(one.scheme, one.processor) for one in found] == [
        (scheme, processor) for scheme in ("fp32", "int8") for processor in ("cortex-a53", "cortex-a76")
    ]
    assert all(one.texts == len(TEXTS) and one.engine == "ort 9" for one in found)
    assert all(one.max_difference == pytest.approx(off, rel=1e-2) for one in found)
    assert {one.scheme for one in found if one.is_right} == right
    monkeypatch.setattr(parity, "_ask", None)  # what was found is not asked again
    assert parity.compare(made, ("cortex-a53", "cortex-a76"), tmp_path / "work") == found
    if len(right) < 2:
        with pytest.raises(GateError, match=r"toy-fp32\.onnx on cortex-a53 is "):
            parity.gate(found)
    else:
        parity.gate(found)


def test_without_the_emulator_the_command_is_named(made, monkeypatch, tmp_path):
    monkeypatch.setenv("EDGEBERT_HOME", str(tmp_path))
    with pytest.raises(UserError, match=r"python -m android_demo\.check setup-arm"):
        parity.compare(made, ("cortex-a53",), tmp_path / "work")


def test_the_table_has_a_row_a_file_and_two_columns_a_processor():
    files = [
        {"file": file, "scheme": "fp32", "processor": processor, "engine": "ort 1", "texts": 5, "max_difference": 2e-7,
         "agreement": agreement}
        for file, agreement in (("a.onnx", 100.0), ("b.onnx", None)) for processor in ("small", "large")
    ]  # fmt: skip
    conditions = {
        "machine": {"processor": "p", "cores": 1, "system": "s"}, "load_average": {"start": 0, "end": 0},
        "versions": {}, "date": "d", "revision": None,
    }  # fmt: skip
    table = render({"benchmark": "arm", "student": "s", "task": "t", "emulator": "QEMU 10", "files": files,
                    "conditions": conditions, "command": "make check-arm"})  # fmt: skip
    assert [row[3:] for row in table.rows] == [["2.0e-07", "100", "2.0e-07", "100"], ["2.0e-07", "", "2.0e-07", ""]]
    assert len(table.columns) == 7


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_toy_answers_alike_under_emulation(made, tmp_path):
    if any(emulator.environment(processor).record is None for processor in emulator.PROCESSORS):
        pytest.skip(f"the emulator is not set up: {emulator.SETUP}")
    found = parity.compare(made, emulator.PROCESSORS, tmp_path / "work")
    assert len(found) == 4
    parity.gate(found)
