"""Killed ten times, in every stage, a run ends with the weights of the run that nobody touched."""

import random
import signal
import subprocess
import time

import pytest
import tiny

from edgebert.files import read_json, sha256

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

KILLS = [
    "task", "teacher", "transfer", "student", "student", "student", "converted", "quantized", "verified", "profiled"
]  # fmt: skip
"""Stages, each killed at a random moment: those that train between two checkpoints, deep inside."""
TRAINING = ("teacher", "student")
STEPS = 60


def arguments(encoder, table, out):
    return (
        "export", "--teacher", encoder, "--train", table, "--finetune.epochs", 8, "--lengths", 16, "--formats", "onnx",
        "--student", "bert-1-16", "--epochs", 100, "--max-steps", STEPS, "--no-baselines", "--timed-rows", 2,
        "--out", out,
    )  # fmt: skip


def start(*arguments):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(tiny.command(*arguments), **quiet, **tiny.settings(EDGEBERT_SAVE_SECONDS="0"))


def step_of(work):
    """The step of a training's newest checkpoint; -1 before the first."""
    try:
        return read_json(next((work / "scratch").rglob("training/progress.json")))["step"]
    except (OSError, StopIteration):
        return -1


def kill_in(stage, process, out, dice):
    """Kill a run in one of its stages; gives the steps of training that it had made there."""
    work = out / f".{stage}.partial"
    if stage in TRAINING:
        wanted = max(step_of(work), 0) + dice.randint(2, 12)
        wait(lambda: step_of(work) >= wanted, process)
    else:
        wait(lambda: work.exists() or (out / stage).exists(), process)
        time.sleep(dice.uniform(0, 0.3))
    process.kill()
    assert process.wait() == -signal.SIGKILL, f"it ended before it was killed in {stage}"
    return step_of(work)


def wait(reached, process):
    while not reached() and process.poll() is None:
        time.sleep(0.002)


def test_ten_kills_change_nothing(encoder_folder, tmp_path):
    table = tiny.write_table(tmp_path / "train.csv", tiny.reviews())
    whole, out = tmp_path / "whole", tmp_path / "killed"
    done = tiny.edgebert(*arguments(encoder_folder, table, whole))
    assert done.returncode == 0, done.stderr

    dice = random.Random(2)
    steps = [kill_in(stage, start(*arguments(encoder_folder, table, out)), out, dice) for stage in KILLS]
    inside = [step for stage, step in zip(KILLS, steps, strict=True) if stage in TRAINING]
    assert all(0 < step < STEPS for step in inside) and inside[1] < inside[2] < inside[3]

    finished = tiny.edgebert(*arguments(encoder_folder, table, out))
    assert finished.returncode == 0, finished.stderr
    for name in TRAINING:
        assert sha256(out / name / "model.safetensors") == sha256(whole / name / "model.safetensors"), name
        assert read_json(out / name / "scores.json")["steps"] == read_json(whole / name / "scores.json")["steps"]
    for name in ("bert-1-16-fp32.onnx", "bert-1-16-int8.onnx", "golden.json"):
        assert sha256(out / "bundle" / name) == sha256(whole / "bundle" / name), name
    assert not [path.name for path in out.rglob("*") if path.name.endswith((".partial", ".old", ".tmp"))]
