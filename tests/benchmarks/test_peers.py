"""The comparison with other tools, the other tools stood in for by an engine of a few lines, in real processes."""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch

import benchmarks
from benchmarks.peers import contestants, environments, limit, macs, measured, rounds, sessions
from benchmarks.peers import setup as peers_setup
from benchmarks.peers.contestants import Contestant
from benchmarks.peers.engine import OWN, Job, load, names
from benchmarks.peers.families import SIZES
from benchmarks.peers.inputs import prepared
from benchmarks.peers.modules import PlainBiLstm, logits_module
from benchmarks.peers.ratios import paired
from benchmarks.peers.rounds import Field, Times
from benchmarks.peers.setting import Plan, Setting
from benchmarks.render import render
from edgebert.models.families.bilstm import BiLstmConfig, BiLstmForSequenceClassification
from edgebert.runtimes import setup as setting_up
from edgebert.runtimes.token_file import TokenFile
from edgebert.tasks.encoder import Tokens

STAND_IN = """
import os, time
import numpy as np
from benchmarks.peers.engine import NotApplicable, Session, Variant

ENVIRONMENT = SERVED_IN = None
VARIANTS = {name: Variant("fp32", f"{name}!", "https://example.org") for name in
            ("slow", "fast", "fixed", "refuses", "breaks", "dies")}

def build(variant, job, folder):
    if variant == "refuses":
        raise NotApplicable("not for this model")
    if variant == "breaks":
        raise ValueError("no such operator")
    with (folder / "built.txt").open("a") as file:
        file.write(variant + "\\n")

def open(variant, folder, threads):
    def run(ids):
        if variant == "dies":
            os._exit(7)
        time.sleep({"slow": 0.02}.get(variant, 0.002))
        return np.array([[ids.shape[1], (ids > 0).sum()]], np.float32)
    print("libraries talk")
    return Session((8, 16) if variant == "fixed" else (), lambda feeds: feeds["input_ids"], run)
"""
LENGTHS = (3, 9, 12)


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory):
    """Environment variables with which workers find our code and one engine more, which this process knows too."""
    code = tmp_path_factory.mktemp("code")
    root = Path(benchmarks.__file__).parent
    shutil.copytree(root / "peers", code / "benchmarks" / "peers", ignore=shutil.ignore_patterns("__pycache__"))
    (code / "benchmarks" / "__init__.py").touch()
    for package in ("edgebert", "converters"):
        (code / package).symlink_to(root.parent / package)
    path = code / "benchmarks" / "peers" / "engines" / "stand_in.py"
    path.write_text(STAND_IN)
    spec = importlib.util.spec_from_file_location("benchmarks.peers.engines.stand_in", path)
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield {**os.environ, "PYTHONPATH": str(code)}
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    folder = tmp_path_factory.mktemp("job")
    TokenFile.write(folder / "rows", [Tokens((5,) * n, (0,) * n) for n in LENGTHS], pad_id=0)
    return Job(folder, folder / "model.onnx", ("input_ids",), (8, 16), folder / "rows", True, (1,))


@pytest.fixture(scope="module")
def built(stand_in, job, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    return folder, contestants.build("toy", contestants.variants(("stand-in",)), job, folder, stand_in)


def test_who_cannot_take_part_is_written_down_with_the_reason(built):
    _, (present, absent) = built
    assert [one.variant for one in present] == ["slow", "fast", "fixed", "dies"]
    assert {(one.variant, one.reason, one.failed) for one in absent} == {
        ("refuses", "not for this model", False),
        ("breaks", "stand-in breaks: ValueError: no such operator", True),
    }


def test_files_are_made_once_and_again_for_another_job(built, stand_in, job, tmp_path):
    folder, _ = built
    made = folder / "stand-in" / "built.txt"
    before = made.read_text()
    assert contestants.build("toy", contestants.variants(("stand-in",)), job, folder, stand_in) == built[1]
    assert made.read_text() == before
    copy = tmp_path / "files"
    shutil.copytree(folder, copy)
    longer = Job(**{**vars(job), "lengths": (8, 32)})
    contestants.build("toy", contestants.variants(("stand-in",)), longer, copy, stand_in)
    assert (copy / "stand-in" / "built.txt").read_text() == before, "nothing of the old job is left"


def test_rounds_time_everyone_on_the_same_rows_and_go_on_without_who_dies(built, stand_in, job):
    _, (present, _) = built
    plan = Plan(rounds=3, calls=2, seconds=0.0, rows=3, scored=3)
    with Field(present, 1, {"toy": job.calibration}, stand_in) as field:
        times = rounds.run(field, plan, 16)
        assert [one.variant for one in field.failed] == ["dies"]
        assert "ended with code 7" in next(iter(field.failed.values()))
    found = {one.variant: times for one, times in times.items()}
    assert {at: len(ms) for at, ms in found["slow"].ms.items()} == {"full": 3, "padded": 3, "own": 3}
    assert min(found["slow"].ms["full"]) >= 20 > max(found["fast"].ms["full"])
    assert min(found["slow"].ms["padded"]) >= 20
    # Unpadded where any length is taken, else padded to the next that fits.
    assert found["fast"].logits == [[n, n] for n in LENGTHS]
    assert found["fixed"].logits == [[8, 3], [16, 9], [16, 12]]


def test_who_is_not_asked_stands_still(built, stand_in, job):
    _, (present, _) = built
    slow, fast = present[:2]
    with Field([slow, fast], 1, {"toy": job.calibration}, stand_in) as field:
        pids = [worker._process.pid for worker in field._workers.values()]
        assert all(_stands_still(pid) for pid in pids)
        field.ask(fast, do="logits", rows=[0])
        assert all(_stands_still(pid) for pid in pids)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_who_stands_still_ends_with_the_run(built, stand_in, job):
    _, (present, _) = built
    code = f"""
import os
from pathlib import Path
from benchmarks.peers.server import Worker
folder, rows = {str(present[0].folder)!r}, {str(job.calibration)!r}
worker = Worker("serve", "stand-in", "slow", Path(folder), os.environ, 1, rows, "1")
worker.answer()
worker.pause()
print(worker._process.pid, flush=True)
os._exit(1)
"""
    done = subprocess.run([sys.executable, "-P", "-c", code], env=stand_in, stdout=subprocess.PIPE, text=True)
    ends = time.monotonic() + 5
    while Path(f"/proc/{int(done.stdout)}").exists() and time.monotonic() < ends:
        time.sleep(0.01)
    assert not Path(f"/proc/{int(done.stdout)}").exists()


def _stands_still(pid, patience=5.0):
    """A signal takes a moment."""
    ends = time.monotonic() + patience
    while (state := Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]) != "T":
        if time.monotonic() > ends:
            return False
        time.sleep(0.01)
    return state == "T"


def test_ratios_are_paired_by_round():
    same = paired([1.0, 2.0, 1.0, 4.0], [2.0, 4.0, 2.0, 8.0])
    assert (same.median, same.low, same.high) == (2.0, 2.0, 2.0)
    noise = np.random.default_rng(1).normal(1, 0.02, (2, 60))
    found = paired(noise[0], 1.5 * noise[1])
    assert 1.47 < found.low < found.median < found.high < 1.53
    assert paired([1.0], [3.0]).low == 3.0


def test_an_environment_that_cannot_be_made_is_recorded_and_the_next_one_is_made(tmp_path, monkeypatch, capsys):
    (tmp_path / "pins").mkdir()
    for name in ("bad", "good"):
        (tmp_path / "pins" / f"{name}.txt").write_text(f"# comment\n{name}==1.0\n\n")
    monkeypatch.setattr(environments, "PINS", tmp_path / "pins")
    monkeypatch.setenv("EDGEBERT_HOME", str(tmp_path / "home"))

    missing = ["bad==1.0"]

    def run(command, **options):
        if "venv" in command:
            Path(command[-1], "bin").mkdir(parents=True)
            Path(command[-1], "bin", "tool").write_text(f"#!{command[-1]}/bin/python\nimport tool\n")
        fails = "pip" in command and command[-1] in missing
        return subprocess.CompletedProcess(command, int(fails), "", "ERROR: no bad==1.0 for this Python")

    monkeypatch.setattr(setting_up.subprocess, "run", run)
    assert "python -m benchmarks.peers.setup" in environments.failure("bad")
    peers_setup.main()
    assert "no bad==1.0 for this Python" in environments.failure("bad")
    assert environments.failure("good") is None
    assert environments.environment("good").folder == tmp_path / "home" / "peers" / "good"
    tool = tmp_path / "home" / "peers" / "good" / "bin" / "tool"
    assert tool.read_text() == f"#!{tool.parent}/python\nimport tool\n", "where it is, not where it was made"
    missing.clear()
    peers_setup.main("bad")
    assert environments.failure("bad") is None
    assert "stays out of the comparison" in capsys.readouterr().err


def test_every_engine_says_how_it_is_set_and_where_that_is_documented():
    assert {"edgebert", "pytorch", "openvino", "optimum", "onnx-runtime", "litert-torch", "onnx2tf", "olive"} == {
        *names()
    }
    for name in names():
        engine = load(name)
        assert engine.ENVIRONMENT in (None, *environments.names())
        assert all(of.setting and of.source for of in engine.VARIANTS.values())
        assert "torch" not in vars(engine), "imported where it is used: elsewhere it may be missing"
    for name in environments.names():
        assert all("==" in requirement for requirement in environments.environment(name).requirements)


SETTING = {"threads": [1, 2], "lengths": [16, 32], "plan": {"rounds": 2}}
CONDITIONS = {"date": "d", "revision": "r", "load_average": {"start": 0, "end": 0}}


HEAD = {
    "benchmark": "peers", "command": "make bench",
    "conditions": {"machine": {"processor": "p", "cores": 2, "system": "s"}, "versions": {}, "date": "d",
                   "revision": "r", "load_average": {"start": 0, "end": 0}},
}  # fmt: skip


def _contest(score, own=90.0):
    """edgebert, whose faster file scores as `own` says, against a fast peer that scores `score` and slower ones."""
    times = {
        ("edgebert", "litert-fp32"): 2.0, ("edgebert", "ort-fp32"): 2.5, ("onnx-runtime", "plain"): 3.0,
        ("pytorch", "eager"): 8.0, ("litert-torch", "fp32"): 9.0,
    }  # fmt: skip
    all_of = {
        Contestant("toy", engine, variant, Path()): Times(
            {"full": [ms, ms], "padded": [ms, ms], "own": [ms / 2, ms / 2]}
        )
        for (engine, variant), ms in times.items()
    }
    macs = {"toy": {"files": 10**8, "module": 3 * 10**8}}
    timings = [one for threads in (1, 2) for one in measured.timings(all_of, threads, macs)]
    scores = [
        {"model": "toy", "engine": one.engine, "variant": one.variant, **vars(one.of), "rows": 9, "difference": 1e-6,
         "score": {"plain": score, "litert-fp32": own}.get(one.variant, 90.0)}
        for one in all_of
    ]  # fmt: skip
    return {"name": "toy", "scores": scores, "timings": timings, "limits": [], "others_busy": 0.02,
            "ratios": measured.against_peers(timings), "setting": SETTING, "conditions": CONDITIONS,
            "absent": [{"engine": "olive", "variant": "fp32", "reason": "no wheel", "failed": True}]}  # fmt: skip


@pytest.mark.parametrize(
    ("score", "best", "ms", "times"),
    [(89.8, "onnx-runtime plain", "3.00", "1.50"), (89.0, "pytorch eager", "8.00", "4.00")],
)
def test_tables_hold_the_fastest_file_against_the_fastest_peer_of_equal_accuracy(score, best, ms, times):
    limits = [{"variant": "ort-fp32-8x8", "precision": "fp32", "threads": 1, "gops": 200.0}]
    result = {
        **HEAD,
        "contests": [{"name": "limit", "scores": [], "timings": [], "limits": limits, "others_busy": None, "ratios": [],
                      "absent": [], "setting": SETTING, "conditions": CONDITIONS}, _contest(score)],
    }  # fmt: skip
    rows = {row[0]: row for row in render(result, "one_thread").rows}
    assert len(render(result).rows) == 2 * len(rows)
    shown = f"{times}x ({times} to {times})"
    assert rows["toy, fp32, full length"][2:] == ["edgebert litert-fp32", "2.00", best, ms, shown]
    assert rows["toy, fp32, own lengths"][3] == "1.00"
    assert render(result, "tflite").rows[0][2:] == [
        "edgebert litert-fp32", "2.00", "litert-torch fp32", "9.00", "4.50x (4.50 to 4.50)",
    ]  # fmt: skip
    everyone = {row[0]: row for row in render(result, "all").rows}
    assert everyone["toy, fp32, edgebert litert-fp32"][1:] == 2 * ["2.00", "2.00", "1.00"] + ["90.00", "50"]
    assert "fp32 200 GOP/s with 1 thread" in " ".join(render(result, "all").notes)
    assert render(result, "absent").rows == [["toy", "olive fp32", "failed", "no wheel"]]
    assert render(result, "settings").rows[0][0] == "edgebert litert-fp32"


def test_a_file_of_edgeberts_that_answers_worse_than_the_module_is_not_its_fastest():
    result = {**HEAD, "contests": [_contest(90.0, own=89.6)]}
    assert render(result, "one_thread").rows[0][2:4] == ["edgebert ort-fp32", "2.50"]


def test_small_models_are_held_against_large_ones_in_the_same_engine():
    def timing(model, precision, ms, engine="edgebert"):
        variant = f"litert-{precision}"
        return {
            "model": model, "engine": engine, "variant": variant, "precision": precision, "threads": 1, "at": "full",
            "round_ms": ms, "ms": ms[-1],
        }  # fmt: skip

    timings = [
        timing("bort", "fp32", [4.0, 4.0]), timing("bort", "int8", [1.0, 2.0]),
        timing("bert-large", "fp32", [40.0, 40.0]), timing("bert-large", "int8", [10.0, 20.0]),
        timing("bert-base", "fp32", [1.0, 1.0]), timing("bert-large", "fp32", [1.0, 1.0], "pytorch"),
    ]  # fmt: skip
    found = measured.against_larger(timings)
    shown = {(one["precision"], one["against"]["precision"]): one["median"] for one in found}
    assert shown == {("fp32", "fp32"): 10.0, ("int8", "int8"): 10.0, ("int8", "fp32"): 30.0}
    assert {one["against"]["model"] for one in found} == {"bert-large"}
    contest = {**_contest(90.0), "name": SIZES, "scores": [], "timings": timings, "ratios": found}
    result = {**HEAD, "contests": [_contest(90.0), contest]}
    assert render(result, "sizes").rows[0] == [
        "bort fp32 / bert-large fp32", "edgebert litert", "1", "4.00", "40.0", "10.00x (10.00 to 10.00)",
    ]  # fmt: skip
    for view in ("one_thread", "all", "tflite"):  # a small model does not beat a large one: they are other contests
        assert {row[0].split(",")[0] for row in render(result, view).rows} == {"toy"}


def test_the_limit_counts_a_multiply_add_as_two_operations():
    assert limit.gops("ort-int8-128x1024", 1.0) == pytest.approx(2 * 4 * 128 * 1024**2 / 1e6)


@pytest.fixture(scope="module")
def family(tmp_path_factory):
    """A tiny model and its plain export."""
    folder = tmp_path_factory.mktemp("family")
    checkpoint = tiny.save_checkpoint(folder / "checkpoint", labels=("negative", "positive"))
    plan = Plan(rounds=1, calls=1, seconds=0.0, rows=4, scored=4)
    setting = Setting(("edgebert",), (1,), (16, 32), plan, None, None, folder)
    return prepared(checkpoint, setting, folder)


def test_the_plain_export_answers_as_the_module_and_takes_any_length(family):
    session, rows = sessions.onnx(family.job.onnx, 1), TokenFile(family.rows)
    module = logits_module(family.job.checkpoint, family.job.classes)
    for row, length in ((0, None), (1, 32)):
        feeds = rows.feeds(row, length)
        expected = module(**{name: torch.from_numpy(feeds[name]) for name in family.job.inputs}).detach().numpy()
        np.testing.assert_allclose(session.run(session.prepare(feeds)), expected, atol=1e-5)


def test_the_inference_graph_has_fewer_multiply_adds_than_the_module(family):
    shape, length = tiny.SHAPE, 32
    width, inner = shape["hidden_size"], shape["intermediate_size"]
    layer = length * (4 * width**2 + 2 * width * inner) + 2 * length**2 * width
    whole = 2 * layer + width**2 + 2 * width
    assert macs.of_module(family.job) == whole
    # Of the last layer: keys and values of every token, all else of the first alone.
    last = length * 2 * width**2 + 2 * width**2 + 2 * width * inner + 2 * length * width
    assert macs.of_files(family.job) <= layer + last + width**2 + 2 * width


def test_a_bilstm_that_can_be_exported_answers_as_the_one_that_was_trained():
    config = BiLstmConfig(vocab_size=50, embedding_size=12, hidden_size=10, head_size=8, num_labels=3)
    trained = BiLstmForSequenceClassification(config).eval()
    ids = torch.randint(1, 50, (2, 9), generator=torch.Generator().manual_seed(0))
    mask = torch.ones_like(ids)
    mask[1, 5:] = ids[1, 5:] = 0
    with torch.no_grad():
        torch.testing.assert_close(PlainBiLstm(trained)(ids, mask), trained(ids, mask).logits)


def test_edgeberts_own_files_answer_as_the_module_in_every_variant(family, tmp_path):
    own = load(OWN)
    rows, module = TokenFile(family.rows), logits_module(family.job.checkpoint, family.job.classes)
    short = next(row for row, tokens in enumerate(rows.lengths) if tokens <= family.job.lengths[0])
    own.build("litert-fp32", family.job, tmp_path)
    for variant, of in own.VARIANTS.items():
        session = own.open(variant, tmp_path, 1)
        for length in family.job.lengths:
            feeds = rows.feeds(short, length)
            found = session.run(session.prepare(feeds))
            with torch.no_grad():
                wanted = module(*(torch.from_numpy(feeds[name]).long() for name in family.job.inputs))
            assert np.abs(found - wanted.numpy()).max() < (1e-5 if of.precision == "fp32" else 0.05), variant
