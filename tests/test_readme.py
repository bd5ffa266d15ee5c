"""What the README tells people to type exists."""

import re
import shlex
from pathlib import Path
from unittest.mock import create_autospec

import pytest

from edgebert import arguments, cli

ROOT = Path(__file__).parent.parent
DOCUMENTS = ("README.md", "CONTRIBUTING.md")


def blocks(kind):
    """Code blocks of one kind, under the document and a number."""
    found = []
    for name in DOCUMENTS:
        path = ROOT / name
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        found += [(f"{name} {i}", block) for i, block in enumerate(re.findall(rf"```{kind}\n(.*?)```", text, re.S))]
    return found


def commands():
    lines = "\n".join(block for _, block in blocks("sh")).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def test_there_is_something_to_check():
    assert len([line for line in commands() if line.startswith("edgebert ")]) >= 5
    assert blocks("python")


@pytest.mark.parametrize("line", [line for line in commands() if line.startswith("edgebert")])
def test_commands_parse(line):
    tokens = shlex.split(line, comments=True)[1:]
    cli.app.config = [arguments.defaults(tokens)]
    command, _, _ = cli.app.parse_args(arguments.split_lists(tokens), exit_on_error=False, print_error=False)
    assert command.__name__ == tokens[0].replace("-", "_")


def test_commands_name_files_that_a_run_leaves():
    tree = "\n".join(block for _, block in blocks("text"))
    named = re.findall(r"artefacts/bundle/(\S+)", "\n".join(commands()))
    assert named
    assert not [name for name in named if not re.search(rf"{re.escape(name)}(,|\s)", tree)]


@pytest.mark.parametrize("line", [line for line in commands() if line.startswith("make")])
def test_make_knows_its_targets(line):
    makefile = (ROOT / "Makefile").read_text()
    for target in shlex.split(line, comments=True)[1:]:
        assert re.search(rf"^{re.escape(target)}:", makefile, re.M), target


def test_every_other_command_is_a_known_tool():
    known = ("edgebert", "make", "git", "pip", "python", "cd", ".")
    assert not [line for line in commands() if not line.startswith(tuple(f"{name} " for name in known))]


@pytest.mark.parametrize("block", [pytest.param(block, id=name) for name, block in blocks("python")])
def test_python_calls_what_there_is(block, monkeypatch):
    from edgebert import pipeline

    verbs = ("export", "finetune", "distill", "convert", "quantize", "verify", "profile", "report")
    stand_ins = {name: create_autospec(getattr(pipeline, name)) for name in verbs}
    for name, stand_in in stand_ins.items():
        monkeypatch.setattr(pipeline, name, stand_in)
    exec(compile(block, "README.md", "exec"), {})
    if "pipeline" in block:
        assert any(stand_in.called for stand_in in stand_ins.values())
