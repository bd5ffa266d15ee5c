"""The whole way to a phone and back, with stand-ins for `adb` and `benchmark_model`: no phone was at hand."""

import json
import os
import shutil
from dataclasses import replace

import finished_run
import numpy as np
import phone_outputs as outputs
import pytest
import tiny
from fake_phone import CLOCKS

from converters.artefact import digest
from converters.tflite_graph import TfliteFile
from edgebert import pipeline
from edgebert.errors import UserError
from edgebert.profile import phone as on_phone
from edgebert.recipes.options import PhoneOptions, ProfileOptions
from edgebert.report import build, html, markdown
from edgebert.report.report import Report
from edgebert.runtimes.runtime import RuntimeFailure

INPUTS = ("attention_mask", "input_ids", "token_type_ids")
"""In another order than everywhere else: the tool wants that of the file."""


def write_tflite(path, length):
    """A file with real inputs that adds them up."""
    file = TfliteFile()
    graph = file.graph()
    inputs = {name: graph.tensor((1, length), np.int32) for name in INPUTS}
    both = graph.op("ADD", [inputs["attention_mask"], inputs["input_ids"]], (1, length), np.int32)
    logits = graph.op("MUL", [both, inputs["token_type_ids"]], (1, length), np.int32)
    file.sign(graph, "classify", inputs, {"logits": logits})
    path.write_bytes(file.content())


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run with one TFLite file of 8 tokens in each of two precisions, verified."""
    made = finished_run.artefact

    def artefact(work, path, format, scheme, length, size):
        found = made(work, path, format, scheme, length, size)
        if format == "tflite":
            write_tflite(work / path, length)
            (work / path).write_bytes((work / path).read_bytes() + scheme.encode())  # two files, two digests
            found = replace(found, sha256=digest(work / path), bytes=(work / path).stat().st_size)
        return found

    monkeypatch.setattr(finished_run, "artefact", artefact)
    monkeypatch.setattr(finished_run, "LENGTHS", (8,))
    monkeypatch.setattr(on_phone, "MOST_THREADS", 1)  # fewer processes
    return finished_run.make_run(tmp_path / "run")


def options(**more):
    return PhoneOptions(adb="auto", benchmark_model=os.environ["BENCHMARK"], **more)


def measured(run, **more):
    pipeline.profile_on_phone(run, options(**more), ProfileOptions(timed_calls=50))
    (found,) = build(run).phones
    return found


@pytest.fixture
def four_threads(run, monkeypatch):
    monkeypatch.setattr(on_phone, "MOST_THREADS", 4)


def test_every_number_comes_with_the_phone_it_was_measured_on(phone, run, four_threads, capsys):
    found = measured(run)
    assert (found.phone.name, found.phone.soc, found.phone.android) == ("Google Pixel 4", "msmnile", "13")
    assert (found.mask, found.phone.max_khz) == ("f0", tuple(CLOCKS))
    assert [(one.file, one.threads, one.delegate) for one in found.latencies] == [
        (f"tinybert-4-s8-{scheme}.tflite", threads, None) for scheme in ("fp32", "int8") for threads in (1, 4)
    ]
    for one in found.latencies:
        assert (one.basis, one.measured.mean_ms, one.measured.p95_ms) == ("measured", 699.438, 1373.207)
        assert (one.before.thermal, one.after.khz) == ("none", tuple(CLOCKS))
        assert one.operators[0].name == "CONV_2D"
    shown = capsys.readouterr().out
    assert "On Google Pixel 4, milliseconds a call" in shown
    assert "pinned to cores f0" in shown

    stored = json.loads(next((run / "phones").glob("*/latency.json")).read_text())
    assert stored["phone"]["build"].startswith("google/flame")
    assert (run / "phones" / "9A201FFAZ000XY" / "logs" / "tinybert-4-s8-fp32.tflite-s8-t1-default.txt").is_file()
    assert not list((phone.folder / "tmp").iterdir()), "nothing is left on the phone"


def test_the_tool_is_pinned_warmed_up_and_fed_with_the_rows_own_tokens(phone, run, four_threads):
    measured(run)
    assert set((phone.folder / "masks").read_text().split()) == {"f0"}
    for flags in phone.flags:
        assert flags["input_layer"] == ",".join(INPUTS), "in the order of the file's graph"
        assert flags["input_layer_shape"] == "1,8:1,8:1,8"
        assert (flags["num_runs"], flags["warmup_runs"]) == ("50", "5")
        assert not any(name.startswith("use_") for name in flags), "no delegate unless asked for"
    assert [("enable_op_profiling" in flags, flags["num_threads"]) for flags in phone.flags[:4]] == [
        (False, "1"), (True, "1"), (False, "4"), (True, "4"),
    ]  # fmt: skip


def test_times_of_a_phone_stay_apart_from_those_of_this_machine(phone, run):
    before = build(run)
    measured(run)
    report = build(run)
    assert report.latencies == before.latencies
    assert report.speedups == before.speedups
    report.write(run)
    assert Report.load(run) == report
    for page in (markdown.render(report), html.render(report)):
        assert "On Google Pixel 4, milliseconds a call" in page
        assert "no other percentiles" in page


def test_a_file_that_was_made_anew_loses_its_times(phone, run):
    measured(run)
    path = run / "quantized" / "artefacts.json"
    path.write_text(path.read_text().replace(digest(run / "quantized" / "tinybert-4-s8-int8.tflite"), "0" * 64))
    shutil.rmtree(run / "verified")
    (found,) = build(run).phones
    assert {one.scheme for one in found.latencies} == {"fp32"}


def test_a_delegate_is_timed_beside_the_default(phone, run, capsys):
    found = measured(run, delegate=("gpu", "nnapi"))
    by = {one.delegate: one for one in found.latencies}
    assert (by[None].measured.mean_ms, by["gpu"].measured.mean_ms) == (699.438, 309.35)
    assert (by["gpu"].nodes, by["gpu"].of, by["gpu"].left_behind) == (49, 49, ())
    assert (by["nnapi"].nodes, by["nnapi"].left_behind) == (0, ("ADD", "MUL"))
    said = " ".join(capsys.readouterr().err.split())
    assert "with the nnapi delegate, threads: 1: none of its operators runs there, the processor runs ADD, MUL" in said
    assert "gpu delegate" not in said


def test_operators_that_a_delegate_refuses_are_named(phone, run, capsys):
    phone.prints("gpu", outputs.PARTLY)
    found = measured(run, delegate=("gpu",))
    one = next(one for one in found.latencies if one.delegate == "gpu")
    assert (one.nodes, one.of, one.left_behind) == (37, 49, ("DEQUANTIZE", "TRANSPOSE_CONV"))
    assert "37 of 49 operators run there" in " ".join(capsys.readouterr().err.split())


def test_heat_is_said(phone, run, capsys):
    phone.thermal(3)
    measured(run)
    assert "Google Pixel 4 got hot (severe)" in capsys.readouterr().err


def test_a_second_call_does_nothing_and_a_killed_one_goes_on(phone, run):
    phone.prints("default-operators", "")
    with pytest.raises(RuntimeFailure):
        measured(run)
    phone.prints("default-operators", outputs.OPERATORS)
    measured(run)
    timed = [flags["graph"] for flags in phone.flags if "enable_op_profiling" not in flags]
    assert len(timed) == 2, "what had been timed was not timed again"
    calls = len((phone.folder / "flags").read_text())
    measured(run)
    assert len((phone.folder / "flags").read_text()) == calls


def test_a_profile_names_the_big_cores_of_a_phone_that_does_not(phone, run):
    shutil.rmtree(phone.folder / "cpu")
    (phone.folder / "cpu").mkdir()
    with pytest.raises(UserError, match="does not tell the clocks of its cores") as refused:
        measured(run)
    assert "--device" in refused.value.fix and "pixel8" in refused.value.fix
    assert measured(run, device="pixel8").mask == "1f0"


CASES = {
    "no device": ({"devices": "\n"}, 2, "No phone is connected"),
    "unauthorised": ({"devices": "9A201FFAZ000XY\tunauthorized\n"}, 2, "allow USB debugging in the dialogue"),
    "offline": ({"devices": "9A201FFAZ000XY\toffline\n"}, 2, "adb reconnect offline"),
    "no permissions": (
        {"devices": "9A201FFAZ000XY\tno permissions (missing udev rules? user is in the plugdev group); see [http]\n"},
        2, "Linux may not open it",
    ),
    "booting": ({"devices": "9A201FFAZ000XY\tbootloader\n"}, 2, "adb says 'bootloader'"),
    "several": ({"devices": "9A201FFAZ000XY\tdevice\nemulator-5554\toffline\n"}, 2, "several phones are connected"),
    "no space": ({"space": "100"}, 2, "has no space left for benchmark_model"),
    "unplugged": ({"unplugged": ""}, 1, "device '9A201FFAZ000XY' not found"),
    "an old build": ({"unknown_flags": "input_layer_value_files"}, 2, "does not know --input_layer_value_files="),
    "a crash": ({"prints/default": outputs.CRASHED, "signal": "11"}, 1, "ended by SIGSEGV (Segmentation fault)"),
    "out of memory": ({"prints/default": outputs.CRASHED, "signal": "9"}, 1, "ended by SIGKILL"),
    "a failure": ({"prints/default": "ERROR: Failed to apply GPU delegate.\n", "code": "1"}, 1, "failed with code 1"),
    "truncated": ({"prints/default": outputs.CPU.partition("Inference timings")[0]}, 1, "ends before the timings"),
    "truncated operators": ({"prints/default-operators": outputs.CPU}, 1, "before the table of operators"),
    "another processor": (
        {"bin/taskset": "#!/bin/sh\necho 'taskset: exec ./benchmark_model: Exec format error' >&2\nexit 126\n"},
        2, "is not built for arm64-v8a",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_failure_has_its_message_and_exit_code(phone, run, capsys, case):
    files, code, message = CASES[case]
    for name, text in files.items():
        phone.says(name, text)
    program = ("--benchmark-model", os.environ["BENCHMARK"])
    assert tiny.call("profile", run, "--adb", "auto", *program) == code
    assert message in " ".join(capsys.readouterr().err.split())
    assert not (run / "phones" / "9A201FFAZ000XY").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--adb", "XYZ", "--benchmark-model", __file__),
            "--adb XYZ: it is not connected; there are: ",
        ),
        (("--adb", "auto"), "--adb needs --benchmark-model"),
        (("--adb", "auto", "--benchmark-model", "nowhere"), "storage.googleapis.com/tensorflow-nightly-public"),
        (("--delegate", "gpu"), "Add: --adb SERIAL"),
        (
            ("--adb", "auto", "--benchmark-model", __file__, "--device", "pixel5"),
            "There is no device 'pixel5'",
        ),
    ],
)
def test_what_is_missing_is_named(phone, run, capsys, arguments, message):
    assert tiny.call("profile", run, *arguments) == 2
    assert message in " ".join(capsys.readouterr().err.split())


def test_without_adb_the_message_says_where_to_get_it(run, capsys, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert tiny.call("profile", run, "--adb", "auto", "--benchmark-model", __file__) == 2
    assert "developer.android.com/tools/releases/platform-tools" in " ".join(capsys.readouterr().err.split())
