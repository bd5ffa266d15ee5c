import sys

import pytest

from benchmarks import conversion, process, results, startup
from benchmarks.render import render
from edgebert.errors import EdgebertError


def test_a_result_carries_its_conditions(tmp_path):
    results.write("one", "startup", "python -m benchmarks.startup", results.Watch(), {"ms": 3}, tmp_path)
    found = results.read("one", tmp_path)
    assert (found["benchmark"], found["ms"]) == ("startup", 3)
    assert {"date", "minutes", "revision", "versions", "machine", "load_average"} == set(found["conditions"])
    assert results.read("two", tmp_path) is None


def test_a_section_takes_the_place_of_its_family_alone(tmp_path):
    for family, ms in (("a", 1), ("b", 2), ("a", 3)):
        results.write_section("one", "reductions", family, "made up", results.Watch(), {"ms": ms}, tmp_path)
    found = results.read("one", tmp_path)
    assert [(one["family"], one["ms"]) for one in found["families"]] == [("a", 3), ("b", 2)]
    part = results.section(found, "b")
    assert (part["benchmark"], part["command"], part["ms"]) == ("reductions", "made up", 2) and part["conditions"]
    assert results.section(found, "c") is None


def test_no_path_of_this_machine_is_written_down():
    words = ["--data", "/home/me/glue/SST-2", "--teacher", "../models/gte-small", "--epochs", "1"]
    assert results.command("task", words) == "python -m benchmarks.task --data SST-2 --teacher gte-small --epochs 1"


def test_a_process_is_measured_by_itself():
    small = process.measure(process.python("pass"))
    large = process.measure(process.python("import time; x = bytearray(200_000_000); time.sleep(0.3)"))
    assert large.peak_mb - small.peak_mb == pytest.approx(200e6 / 2**20, abs=30)
    assert large.seconds > 0.3
    with pytest.raises(EdgebertError, match="code 3"):
        process.measure(process.python("raise SystemExit(3)"))


def test_startup_counts_repeats_only(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["startup", "--repeats", "2"])
    monkeypatch.setattr(startup, "COMMANDS", {"nothing": process.python("pass")})
    startup.main(repeats=2, results_in=tmp_path)
    found = results.read("startup", tmp_path)["seconds"]["nothing"]
    assert len(found["all"]) == 2
    assert min(found["all"]) <= found["median"] <= max(found["all"])


def test_conversion_counts_files_and_cost_of_each_repeat(tmp_path, monkeypatch):
    files = "from pathlib import Path\np = Path({folder!r}, 'fp32', '{student}-s{lengths[0]}-fp32.tflite')\n"
    monkeypatch.setattr(conversion, "CHECKPOINTS", "pass")
    monkeypatch.setattr(conversion, "FILES", files + "p.parent.mkdir(parents=True)\np.write_bytes(bytes(10))")
    conversion.main(lengths=(8,), repeats=2, results_in=tmp_path)
    found = results.read("conversion", tmp_path)
    assert found["files"] == {"tinybert-4-s8-fp32.tflite": 10}
    assert len(found["seconds"]["all"]) == len(found["peak_mb"]["all"]) == 2
    assert render(found).rows[0][0] == "tinybert-4, 1 files"
