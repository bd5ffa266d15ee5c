import os
import sys
from pathlib import Path

import pytest
from fake_phone import FakePhone

STAND_INS = Path(__file__).parent.parent / "stand_ins"


@pytest.fixture
def phone(tmp_path, monkeypatch):
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("adb", "benchmark_model"):
        (programs / name).write_text(f"#!{sys.executable} -SE\n" + (STAND_INS / f"{name}.py").read_text())
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("BENCHMARK", str(programs / "benchmark_model"))
    monkeypatch.setenv("FAKE_PHONE", str(tmp_path / "phone"))
    return FakePhone(tmp_path / "phone")
