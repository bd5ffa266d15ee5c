import json

import numpy as np
import pytest
import toy_files

from converters.artefact import save_list
from edgebert import runtimes
from edgebert.profile import Latencies, measure, operators, profile
from edgebert.recipes.options import ProfileOptions
from edgebert.runtimes.in_process import InProcess
from edgebert.runtimes.jobs import Timed
from edgebert.runtimes.token_file import TokenFile
from edgebert.store import machine
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.task import Task

LENGTHS = (8, 16)
TEXTS = [Row("good " * (1 + i % 20), None, (1.0,)) for i in range(60)]
"""Between 3 and 22 tokens."""


class Bench:
    def __init__(self, folder):
        self.student, self.teacher, self.out = folder / "student", folder / "teacher", folder / "profiled"
        Rows.write(folder / "task" / "dev.arrow", TEXTS)
        self.task = Task(folder / "task", "toy", "classes", ("neg", "pos"), False, {"dev": len(TEXTS)})
        self.tokenizer = toy_files.write_tokenizer(folder / "tokenizer.json")
        fixed = [toy_files.write_onnx(self.student, f"s{n}.onnx", length=n) for n in LENGTHS]
        save_list(fixed, self.student)
        save_list([toy_files.write_onnx(self.teacher, "any.onnx", scheme="int8")], self.teacher)

    def profile(self, calls=9, rows=12):
        models = {"student": [self.student], "teacher": [self.teacher]}
        options = ProfileOptions(timed_calls=calls, timed_rows=rows)
        return profile(models, self.task, self.tokenizer, LENGTHS, options, self.out)


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.setitem(machine(), "cores", 2)
    return Bench(tmp_path)


@pytest.fixture
def stopwatch(monkeypatch):
    """In place of processes: every call takes so many ms, whatever the file; jobs are kept."""
    jobs = []

    def time(self, job):
        rows = TokenFile(job.rows)
        tokens = [rows.feeds(i)["input_ids"] for i in range(len(rows))]
        jobs.append((job, tokens))
        start = 100 * (len(jobs) > 8)  # all but the first round are slow
        ms = tuple(float(start + i) for i in range(1, job.calls + 1))
        return Timed("9.9", 5.0 * len(jobs), 7.0, ms, 40.0 - len(jobs), 0.25 + len(jobs), 0.01 * len(jobs), 5)

    monkeypatch.setattr(InProcess, "time", time)
    monkeypatch.setattr(InProcess, "operators", lambda self, job: ())
    return jobs


def test_a_real_engine_gives_every_number_and_its_conditions(bench, monkeypatch):
    monkeypatch.setattr(measure, "SECONDS", 0.02)
    monkeypatch.setitem(machine(), "cores", 1)
    found = bench.profile()
    assert Latencies.load(bench.out / "latency.json") == found
    assert [(one.model, one.files, one.at, one.conditions.length) for one in found.latencies] == [
        ("student", ("s8.onnx",), "length", 8),
        ("student", ("s16.onnx",), "length", 16),
        ("student", ("s8.onnx", "s16.onnx"), "rows", None),
        ("teacher", ("any.onnx",), "length", 16),
        ("teacher", ("any.onnx",), "rows", None),
    ]
    for one in found.latencies:
        assert 0 < one.p50_ms <= one.p90_ms <= one.p99_ms
        assert len(one.round_p50_ms) == one.conditions.rounds == 3
        assert min(one.open_ms, one.first_call_ms, one.peak_memory_mb, one.bytes) > 0
        assert one.basis == "measured"
        assert one.conditions.engine == "ort"
        assert one.conditions.engine_version == runtimes.get("ort").version()
        assert one.conditions.processor == machine()["processor"]
        assert one.conditions.runs == 12 if one.at == "rows" else one.conditions.runs >= 9
        assert one.conditions.load_average >= 0
    assert found.select(model="teacher", at="rows", threads=1) == [found.latencies[4]]

    traced = operators.load(bench.out)
    assert [(one.file, one.length, one.engine, one.calls) for one in traced] == [
        ("s8.onnx", 8, "ort", 3), ("s16.onnx", 16, "ort", 3),
    ]  # fmt: skip
    assert {one.name for one in traced[0].operators} >= {"Gather", "ReduceSum"}


def test_every_file_is_timed_alone_in_turns_with_the_others(bench, stopwatch):
    found = bench.profile()
    order = [(tuple(file.artefact.path for file in job.files), job.threads) for job, _ in stopwatch]
    one_round = [
        (("s8.onnx",), 1), (("s16.onnx",), 1), (("s8.onnx", "s16.onnx"), 1),
        (("s8.onnx",), 2), (("s16.onnx",), 2), (("s8.onnx", "s16.onnx"), 2),
        (("any.onnx",), 1), (("any.onnx",), 1), (("any.onnx",), 2), (("any.onnx",), 2),
    ]  # fmt: skip
    assert order == one_round * 3
    assert [one.conditions.threads for one in found.latencies] == [threads for _, threads in one_round]


def test_percentiles_are_over_the_calls_of_all_rounds(bench, stopwatch):
    first = bench.profile().latencies[0]
    calls = np.array([1, 2, 3, 101, 102, 103, 101, 102, 103])
    assert first.conditions.runs == 9
    assert first.p50_ms == np.median(calls)
    assert first.p90_ms == np.percentile(calls, 90)
    assert first.mean_ms == calls.mean()
    assert first.round_p50_ms == (2, 102, 102)
    assert first.open_ms == 5 * 11  # the middle one of calls 1, 11 and 21
    assert first.peak_memory_mb == 39  # the highest
    assert first.conditions.load_average == 21.25
    assert first.conditions.others_busy == pytest.approx(0.21)


def test_full_length_is_full_and_own_lengths_are_the_rows_own(bench, stopwatch):
    bench.profile(rows=12)
    for job, tokens in stopwatch:
        longest = max(file.artefact.length or 16 for file in job.files)
        lengths = [row.shape[1] for row in tokens]
        if job.calls == 3:
            assert lengths == [longest]
        else:
            assert job.calls == len(tokens) == 4
            assert len(set(lengths)) > 2
    own = [row.shape[1] for job, tokens in stopwatch for row in tokens if len(job.files) == 2 and job.threads == 1]
    places = np.linspace(0, 59, 12).astype(int)
    assert sorted(own) == sorted(min(3 + place % 20, 16) for place in places), "each sampled row once, cut at 16"


def test_a_killed_profile_goes_on_with_the_rounds_it_has(bench, stopwatch, monkeypatch):
    time = InProcess.time

    def killed(self, job):
        if len(stopwatch) == 13:
            raise KeyboardInterrupt
        return time(self, job)

    monkeypatch.setattr(InProcess, "time", killed)
    with pytest.raises(KeyboardInterrupt):
        bench.profile()
    assert not (bench.out / "latency.json").exists()
    monkeypatch.setattr(InProcess, "time", time)
    assert len(bench.profile().latencies) == 10
    assert len(stopwatch) == 30


def test_a_busy_machine_is_said_beside_the_numbers(bench, stopwatch, capsys):
    bench.profile()
    assert "Other processes used up to 30% of the cores" in capsys.readouterr().err


def test_measured_is_written_on_every_record(bench, stopwatch):
    bench.profile()
    stored = json.loads((bench.out / "latency.json").read_text())
    assert stored["schema"] == 1
    assert {one["basis"] for one in stored["latencies"]} == {"measured"}
    assert all(one["conditions"]["engine_version"] == "9.9" for one in stored["latencies"])
