"""A disk that fills up in any stage: a message, nothing of the stages before it lost, and the same command goes on."""

import shutil
import subprocess
import sys

import pytest
import tiny

CAN_MOUNT = shutil.which("unshare") and subprocess.run(
    ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True
).returncode == 0  # fmt: skip
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not CAN_MOUNT, reason="this system lets no user mount a small disk of its own"),
]

ON_A_SMALL_DISK = """
import os, subprocess, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import tiny

disk, encoder, table = map(Path, sys.argv[2:])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=True)
run = disk / "run"
source = ("--teacher", encoder, "--train", table, "--epochs", 2, "--lengths", 16)
VERBS = {
    "finetune": (*source, "--out", run),
    "distill": (run, "--student", "bert-1-16", "--max-steps", 4, "--method", "hidden"),
    "convert": (run,), "quantize": (run,), "verify": (run,),
    "profile": (run, "--timed-calls", 2, "--timed-rows", 2, "--no-baselines"),
    "report": (run,),
}

def resize(kilobytes):
    subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", disk], check=True)

def used():
    found = os.statvfs(disk)
    return (found.f_blocks - found.f_bfree) * found.f_frsize // 1024

def finished():
    return {path.parent.name for path in run.glob("*/stage.json")}

environment = {"TMPDIR": os.environ["TMPDIR"]}
failed_in = set()
for verb, arguments in VERBS.items():
    start, slack = used(), 8
    while True:
        before = finished()
        resize(start + slack)
        done = tiny.edgebert(verb, *arguments, **environment)
        if done.returncode == 0:
            break
        assert done.returncode == 1, (verb, done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr and "error: " in done.stderr, (verb, done.stderr)
        assert "space" in done.stderr.lower(), (verb, done.stderr)
        assert before <= finished(), verb
        failed_in |= {path.name for path in run.glob(".*.partial")} or {verb}
        slack = 3 * slack
stages = {f".{name}.partial" for name in finished()}
assert stages | {"report"} <= failed_in, failed_in
left = [str(path) for path in run.rglob("*") if path.name.endswith((".partial", ".old", ".tmp"))]
assert not left, left
"""


def test_a_full_disk_loses_nothing(encoder_folder, tmp_path):
    table = tiny.write_table(tmp_path / "train.csv", tiny.reviews())
    (tmp_path / "disk").mkdir()
    here = tiny.__file__.rsplit("/", 1)[0]
    script = [sys.executable, "-c", ON_A_SMALL_DISK, here, tmp_path / "disk", encoder_folder, table]
    done = subprocess.run(["unshare", "-rm", *script], capture_output=True, text=True, **tiny.settings(TMPDIR="/tmp"))
    assert done.returncode == 0, done.stderr
