import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest
import toy_files

from edgebert import runtimes
from edgebert.runtimes import meter
from edgebert.runtimes.jobs import ModelFile, TimeJob
from edgebert.runtimes.runtime import RuntimeFailure
from edgebert.runtimes.token_file import TokenFile
from edgebert.runtimes.worker import plan
from edgebert.tasks.encoder import Tokens


@pytest.fixture
def rows(tmp_path):
    TokenFile.write(tmp_path / "rows", [Tokens((2,) * n, (0,) * n) for n in (8, 3, 4, 5, 20)], pad_id=0)
    return tmp_path / "rows"


def files(folder, *lengths):
    return tuple(ModelFile(folder, toy_files.write_onnx(folder, f"s{n}.onnx", length=n)) for n in lengths)


def test_a_timed_process_tells_all_that_a_number_needs(tmp_path, rows):
    job = TimeJob(files(tmp_path, 32, 8), rows, threads=1, warmup=3, calls=20, seconds=0.05)
    timed = runtimes.get("ort").time(TimeJob.from_dict(json.loads(json.dumps(job.to_dict()))))
    assert len(timed.ms) >= 20
    assert sum(timed.ms) >= 0.7 * 50
    assert min(timed.ms) > 0
    assert timed.warmup >= 6
    assert timed.open_ms > 0
    assert timed.first_call_ms > 0
    assert timed.peak_memory_mb > 0
    assert 0 <= timed.others_busy <= 1
    assert timed.load_average >= 0
    assert timed.engine_version == runtimes.get("ort").version()


def test_calls_are_made_even_when_the_time_is_over(tmp_path, rows):
    job = TimeJob(files(tmp_path, 32), rows, threads=1, warmup=0, calls=7, seconds=0.0)
    timed = runtimes.get("ort").time(job)
    assert (len(timed.ms), timed.warmup) == (7, 0)


class Named:
    """A session that only has inputs."""

    def __init__(self, artefact):
        self.inputs = artefact.inputs


def test_each_row_goes_to_the_shortest_file_it_fits_in(tmp_path, rows):
    some = files(tmp_path, 32, 4, 8)
    sessions = [Named(file.artefact) for file in some]
    calls = plan(sessions, [32, 4, 8], TokenFile(rows))
    assert [sessions.index(session) for session, _ in calls] == [2, 1, 1, 2, 0]
    assert [feeds["input_ids"].shape for _, feeds in calls] == [(1, 8), (1, 4), (1, 4), (1, 8), (1, 32)]


def test_a_file_of_any_length_gets_rows_unpadded(tmp_path, rows):
    file = ModelFile(tmp_path, toy_files.write_onnx(tmp_path))
    calls = plan([Named(file.artefact)], [None], TokenFile(rows))
    assert [feeds["attention_mask"].shape[1] for _, feeds in calls] == [8, 3, 4, 5, 20]
    assert all(feeds["attention_mask"].all() for _, feeds in calls)


def test_peak_memory_counts_what_came_and_went():
    memory = meter.PeakMemory()
    np.ones(8_000_000).sum()  # 61 MiB, freed at once
    assert 50 < memory.growth_mb() < 90


def test_a_busy_neighbour_is_seen():
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as neighbour:
        cores = meter.OtherCores()
        time.sleep(0.5)
        share = cores.share()
        neighbour.kill()
    assert share > 0.2 / os.cpu_count()


def test_a_worker_does_not_outlive_the_one_who_asked(tmp_path, rows):
    job = TimeJob(files(tmp_path, 32), rows, threads=1, warmup=0, calls=1, seconds=600)
    ask = tmp_path / "job.json"
    ask.write_text(json.dumps({"kind": "time", "engine": "ort", "job": job.to_dict()}))
    command = [sys.executable, "-m", "edgebert.runtimes.worker", str(ask), str(tmp_path / "answer.json")]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as worker:
        time.sleep(1)
        assert worker.poll() is None
        worker.stdin.close()
        assert worker.wait(timeout=20) == 1
    assert not (tmp_path / "answer.json").exists()


def test_ort_tells_what_each_kind_of_operator_takes(tmp_path, rows):
    job = TimeJob(files(tmp_path, 8), rows, threads=1, warmup=2, calls=5, seconds=0.0)
    found = {one.name: one for one in runtimes.get("ort").operators(job)}
    assert {name: one.count for name, one in found.items()} == {
        "Gather": 2, "Add": 1, "Cast": 1, "Unsqueeze": 1, "Mul": 1, "ReduceSum": 2, "Div": 1,
    }  # fmt: skip
    assert all(one.ms > 0 for one in found.values())
    ordered = [one.ms for one in found.values()]
    assert ordered == sorted(ordered, reverse=True)


def test_an_engine_that_does_not_tell_says_so(tmp_path, rows):
    job = TimeJob(files(tmp_path, 8), rows, threads=1, warmup=0, calls=1, seconds=0.0)
    assert not runtimes.get("litert").tells_operators
    with pytest.raises(RuntimeFailure, match="litert does not tell how long an operator takes"):
        runtimes.get("litert").operators(job)
