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
    assert tiny.call("finetune", "--teacher", teacher, "--dev", table, "--lengths", 16, 32, "--out", out) == 0
    assert tiny.call("distill", out, "--student", "none") == 0
    for verb in ("convert", "quantize"):
        assert tiny.call(verb, out) == 0
    return out


@pytest.fixture(params=ENGINES)
def engine(request):
    """Name of an engine, and its environment; skips with what is missing."""
    return request.param, set_up(request.param)


def set_up(engine):
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


def test_the_same_answers_elsewhere(engine, request, tmp_path):
    (name, variables), checked = engine, 0
    run_folder = request.getfixturevalue("run_folder")  # not made where the engine is not there
    task = Task.load(run_folder / "task")
    texts = [row for row, _ in zip(task.rows("dev"), range(SENTENCES), strict=False)]
    for stage in ("converted", "quantized"):
        files = [file for file in load_list(run_folder / stage) if file.format == ENGINES[name]]
        for artefact in (one for file in files for one in file.each()):
            file = ModelFile(run_folder / stage, artefact)
            encoder = TextEncoder(run_folder / "task" / "tokenizer.json", artefact.length or 32)
            tokens = TokenFile.write(tmp_path / artefact.path, encoder.encode(texts), encoder.pad_id)
            here, there = ours(file, tmp_path), elsewhere(name, file, tokens, variables, tmp_path)
            assert there.shape == here.shape == (len(texts), len(task.labels))
            difference, changed = np.abs(there - here).max(), int((there.argmax(1) != here.argmax(1)).sum())
            where = f"{name} {artefact.path} {artefact.signature or ''}"
            print(f"{where}: {len(texts)} sentences, largest difference {difference:.1e}")  # noqa: T201
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
    job = {"model": str(file.path.resolve()), "signature": file.artefact.signature, "rows": rows}
    ask.write_text(json.dumps(job | {"output": file.artefact.output.name}))
    command = ["node", Path(__file__).with_name("run.mjs"), PACKAGES, engine, ask, answer]
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return np.array(json.loads(answer.read_text()), np.float32)
