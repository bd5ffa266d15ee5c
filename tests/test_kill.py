"""Killed anywhere, ten times over, a run ends with the weights of the run that nobody touched."""

import os
import random
import signal
import subprocess
import time

import pytest
import tiny

from edgebert.files import read_json, sha256
from edgebert.store import read_stamp

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

TEACHER, STUDENT = ".teacher.partial", ".student.partial"
IN_TRAINING = [TEACHER, STUDENT, STUDENT, STUDENT]
"""The stages whose training is killed between two checkpoints; six more kills come at any moment."""
STEPS = 60


def arguments(encoder, table, out):
    return (
        "export", "--teacher", encoder, "--train", table, "--finetune.epochs", 4, "--lengths", 16, "--formats", "onnx",
        "--student", "bert-1-16", "--epochs", 100, "--max-steps", STEPS, "--no-baselines", "--timed-rows", 2,
        "--out", out,
    )  # fmt: skip


def start(*arguments):
    # A session of its own, so that the engines that a killed run leaves behind can be ended with it.
    options = tiny.settings(EDGEBERT_SAVE_SECONDS="0")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(tiny.command(*arguments), start_new_session=True, **quiet, **options)


def kill(process):
    os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def step_of(out, stage):
    """The step of a stage's newest checkpoint; -1 before the first."""
    try:
        return read_json(out / stage / "scratch" / "training" / "progress.json")["step"]
    except (OSError, ValueError):
        return -1


def test_ten_kills_change_nothing(encoder_folder, tmp_path):
    table = tiny.write_table(tmp_path / "train.csv", tiny.reviews())
    whole, out = tmp_path / "whole", tmp_path / "killed"
    done = tiny.edgebert(*arguments(encoder_folder, table, whole))
    assert done.returncode == 0, done.stderr

    dice, inside, anywhere = random.Random(2), 0, 0
    for stage in IN_TRAINING:
        process, before = start(*arguments(encoder_folder, table, out)), step_of(out, stage)
        wanted = max(before, 0) + dice.randint(2, 12)
        while step_of(out, stage) < wanted and process.poll() is None:
            time.sleep(0.002)
        assert kill(process) == -signal.SIGKILL, "the training ended before it was killed"
        assert before < step_of(out, stage) < STEPS
        inside += 1
    while anywhere < 6:
        process = start(*arguments(encoder_folder, table, out))
        time.sleep(dice.uniform(0.3, 6))
        anywhere += kill(process) == -signal.SIGKILL

    finished = tiny.edgebert(*arguments(encoder_folder, table, out))
    assert finished.returncode == 0, finished.stderr
    for name in ("teacher", "student"):
        assert sha256(out / name / "model.safetensors") == sha256(whole / name / "model.safetensors"), name
        assert read_json(out / name / "scores.json")["steps"] == read_json(whole / name / "scores.json")["steps"]
    for name in ("bert-1-16-fp32.onnx", "bert-1-16-int8.onnx", "golden.json"):
        assert sha256(out / "bundle" / name) == sha256(whole / "bundle" / name), name
    assert (inside, anywhere) == (4, 6)
    assert read_stamp(out / "profiled") is not None
    assert not [path.name for path in out.rglob("*") if path.name.endswith((".partial", ".old", ".tmp"))]
