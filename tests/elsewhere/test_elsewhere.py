"""The files of a run in runtimes that edgebert does not drive: Node, WebAssembly, a browser.

Set up with `make check-elsewhere`, which also says why something was skipped. `EDGEBERT_RUN` names a finished run whose
files to take; without it, a tiny one is made.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import tiny

from converters.artefact import load_list
from edgebert.runtimes import for_format
from edgebert.runtimes.environment import home
from edgebert.runtimes.jobs import ModelFile, RunJob
from edgebert.runtimes.token_file import TokenFile
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.task import Task

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

PACKAGES = home() / "elsewhere"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ENGINES = {"onnxruntime-node": "onnx", "onnxruntime-web": "onnx", "litertjs": "tflite"}
SENTENCES = 100
CLOSE = 1e-4
"""Of fp32 logits; int8 kernels round in their own ways, and only labels are compared."""


@pytest.fixture(scope="module")
def run_folder(request, tmp_path_factory):
    if named := os.environ.get("EDGEBERT_RUN"):
        return Path(named)
    teacher, table = (request.getfixturevalue(name) for name in ("teacher_folder", "reviews_csv"))
    out = tmp_path_factory.mktemp("elsewhere") / "run"
    source = ("--teacher", teacher, "--dev", table, "--student", "none", "--lengths", 16, 32)
    assert tiny.call("finetune", *source, "--out", out) == 0
    for verb in ("distill", "convert", "quantize"):
        assert tiny.call(verb, out) == 0
    return out


def set_up(engine):
    """Environment for the engine; skips with what is missing."""
    if not shutil.which("node"):
        pytest.skip("there is no node on the path")
    if not (PACKAGES / "node_modules").is_dir():
        pytest.skip(f"{PACKAGES} is not set up; run: make check-elsewhere")
    if engine != "litertjs":
        return os.environ
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        pytest.skip("there is no Chromium; name one in $CHROMIUM")
    return os.environ | {"CHROMIUM": browser}


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_answers_elsewhere(engine, run_folder, tmp_path):
    variables, checked = set_up(engine), 0
    task = Task.load(run_folder / "task")
    texts = [row for row, _ in zip(task.rows("dev"), range(SENTENCES), strict=False)]
    for stage in ("converted", "quantized"):
        for artefact in load_list(run_folder / stage):
            if artefact.format != ENGINES[engine]:
                continue
            file = ModelFile(run_folder / stage, artefact)
            encoder = TextEncoder(run_folder / "task" / "tokenizer.json", artefact.length or 32)
            tokens = TokenFile.write(tmp_path / artefact.path, encoder.encode(texts), encoder.pad_id)
            here, there = ours(file, tmp_path), elsewhere(engine, file, tokens, variables, tmp_path)
            assert there.shape == here.shape == (len(texts), len(task.labels))
            difference, changed = np.abs(there - here).max(), int((there.argmax(1) != here.argmax(1)).sum())
            print(f"{engine} {artefact.path}: {len(texts)} sentences, largest difference {difference:.1e}")  # noqa: T201
            assert changed == 0
            assert artefact.scheme != "fp32" or difference <= CLOSE
            checked += 1
    assert checked


def ours(file, folder):
    """Outputs of the usual engine [rows, outputs]."""
    out = folder / f"{file.artefact.path}.npy"
    for_format(file.artefact.format).run(RunJob(file, folder / file.artefact.path, out, threads=1))
    return np.load(out)


def elsewhere(engine, file, tokens, variables, folder):
    """Outputs of the engine in Node or Chromium [rows, outputs]."""
    length = file.artefact.length
    rows = [{name: v[0].tolist() for name, v in tokens.feeds(i, length).items()} for i in range(len(tokens))]
    ask, answer = folder / "job.json", folder / "answer.json"
    ask.write_text(json.dumps({"model": str(file.path.resolve()), "output": file.artefact.output.name, "rows": rows}))
    command = ["node", Path(__file__).with_name("run.mjs"), PACKAGES, engine, ask, answer]
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return np.array(json.loads(answer.read_text()), np.float32)
