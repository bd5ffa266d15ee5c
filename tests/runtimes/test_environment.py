"""Environments of runtimes: whole or not at all; pip is a script of ours here."""

import json
import subprocess
import sys

import pytest
from tiny import call

from edgebert import runtimes
from edgebert.errors import EdgebertError, UserError
from edgebert.runtimes import setup as setting_up
from edgebert.runtimes.environment import variables
from edgebert.runtimes.setup import setup

NAME = "tflite-runtime"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGEBERT_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "runtimes"


@pytest.fixture
def steps(monkeypatch):
    """In place of processes: what each step was asked; a step in `failing` is killed, or fails."""
    asked, failing = [], {}

    def run(command, **options):
        step = "venv" if "venv" in command else "pip" if "pip" in command else "import"
        asked.append((step, command))
        if step == "venv":
            import pathlib

            (pathlib.Path(command[-1]) / "bin").mkdir(parents=True)
        if step in failing:
            if failing[step] is None:
                raise KeyboardInterrupt
            return subprocess.CompletedProcess(command, 1, "", failing[step])
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(setting_up.subprocess, "run", run)
    return asked, failing


def test_a_runtime_is_there_when_every_step_was_made_and_not_before(home, steps):
    asked, _ = steps
    with pytest.raises(UserError, match=r"is not set up here.*\n.*edgebert setup-runtime tflite-runtime"):
        runtimes.get(NAME).version()
    assert call("setup-runtime", NAME) == 0
    assert [step for step, _ in asked] == ["venv", "pip", "import"]
    assert asked[1][1][-2:] == ["tflite-runtime==2.14.0", "numpy==1.26.4"]
    assert runtimes.get(NAME).version() == "2.14.0"
    assert not list(home.glob(".*.partial"))
    setup(NAME)
    assert len(asked) == 3, "a second call does nothing"


@pytest.mark.parametrize("step", ["venv", "pip", "import"])
def test_an_interrupted_set_up_is_never_used_and_done_again(home, steps, step, capsys):
    asked, failing = steps
    failing[step] = None
    assert call("setup-runtime", NAME) == 130
    assert not (home / NAME).exists()
    with pytest.raises(UserError, match="is not set up here"):
        runtimes.get(NAME).version()
    failing.clear()
    asked.clear()
    assert call("setup-runtime", NAME) == 0
    assert "An earlier set-up was interrupted; starting again." in capsys.readouterr().out
    assert [name for name, _ in asked] == ["venv", "pip", "import"]
    assert runtimes.get(NAME).version() == "2.14.0"


def test_pip_that_fails_says_why_and_leaves_nothing_to_use(home, steps, capsys):
    _, failing = steps
    failing["pip"] = "looking\nERROR: No matching distribution found for tflite-runtime==2.14.0"
    assert call("setup-runtime", NAME) == 1
    shown = capsys.readouterr().err
    assert "No matching distribution found" in shown and "run the same command again" in shown
    assert not (home / NAME).exists()


def test_other_versions_than_wanted_are_made_again(home, steps):
    asked, _ = steps
    setup(NAME)
    record = home / NAME / "environment.json"
    values = json.loads(record.read_text())
    values["requirements"][0] = "tflite-runtime==2.13.0"
    record.write_text(json.dumps(values))
    with pytest.raises(UserError, match="of other versions"):
        runtimes.get(NAME).version()
    setup(NAME)
    assert len(asked) == 6
    assert runtimes.get(NAME).version() == "2.14.0"


def test_a_python_that_is_not_here_is_named(home, steps, monkeypatch):
    monkeypatch.setattr(setting_up.sys, "version_info", type("Version", (), {"major": 3, "minor": 14}))
    monkeypatch.setattr(setting_up.shutil, "which", lambda name: None)
    with pytest.raises(UserError, match=r"needs Python 3.11, and there is no python3.11 here"):
        setup(NAME)
    assert not (home / NAME).exists()


def test_names_that_need_no_environment_or_do_not_exist(home, steps):
    with pytest.raises(UserError, match=r"pip install 'edgebert\[onnx\]'"):
        setup("ort")
    with pytest.raises(UserError, match="Did you mean 'tflite-runtime'"):
        setup("tflite-runtme")


def test_a_library_that_cannot_be_imported_is_not_kept(home, steps):
    _, failing = steps
    failing["import"] = "ImportError: a shared library is missing"
    with pytest.raises(EdgebertError, match="a shared library is missing"):
        setup(NAME)
    assert not (home / NAME).exists()


def test_another_python_finds_our_code_and_nothing_beside_it(tmp_path):
    """No site-packages and no numpy: what is found is found through the links alone."""
    code = (
        "import sys, importlib.util as u; import edgebert.files, converters;"
        "print([name for name in ('rich', 'torch', 'tokenizers') if u.find_spec(name)], edgebert.__path__)"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(tmp_path / 'code')!r}); {code}"],
        env=variables(tmp_path), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout.startswith("[]")
    assert str(tmp_path) in ran.stdout
