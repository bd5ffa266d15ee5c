"""The papers' speed-ups, with small stand-ins for their models: exported, timed, predicted, written."""

import json
from dataclasses import replace

import pytest

from benchmarks import claims as benchmark
from benchmarks import results
from benchmarks.render import render
from device_profiles.published import VERIFIED, published
from edgebert import claims as room
from edgebert.claims import held, models, pages, timing
from edgebert.claims.command import claims
from edgebert.claims.files import SCHEMES, file_of
from edgebert.claims.paper import Papers, papers
from edgebert.errors import GateError
from edgebert.runtimes.in_process import InProcess

LENGTH = 16


def small(layers, hidden):
    """A BERT with room for the ids that are timed."""
    return lambda: models.bert(layers, hidden, 2)


BUILDERS = {"bert-base": small(2, 64), "mobilebert": small(1, 32)}


@pytest.fixture
def told():
    (claim,) = (one for one in papers().claims if one.name == "MobileBERT over BERT-base")
    return Papers(LENGTH, (claim,))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A finished folder, and its rows."""
    (claim,) = (one for one in papers().claims if one.name == "MobileBERT over BERT-base")
    out = tmp_path_factory.mktemp("claims")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timing, "SECONDS", 0.01)
        return out, claims(out, Papers(LENGTH, (claim,)), BUILDERS)


def test_every_claim_names_models_devices_and_rows_that_are_there():
    told = papers()
    assert set(told.models) <= set(models.PAPERS)
    for claim in told.claims:
        assert claim.verified in VERIFIED and claim.conditions
        assert [row.model for row in claim.rows] in ([], [claim.model, claim.baseline])
    by_name = {claim.name: claim for claim in told.claims}
    assert by_name["MobileBERT over BERT-base"].ratio == 5.5
    assert by_name["MobileBERT-TINY over BERT-base"].ratio == pytest.approx(342 / 40)


def test_published_rows_say_how_they_were_checked():
    rows = published()
    assert {row.verified for row in rows.values()} <= set(VERIFIED)
    assert rows["pixel4-mobilebert-layernorm"].verified == "memory"
    assert rows["pixel4-bert-base"].ms == 342 and rows["pixel4-inception-v4"].length is None


@pytest.mark.parametrize(
    ("name", "parameters", "macs"),
    [("tinybert-4", 14_350_248, 0.624e9), ("mobilebert-tiny", None, 1.535e9), ("bilstm", None, None)],
)
def test_models_have_the_size_of_the_papers(name, parameters, macs):
    counts = models.PAPERS[name]().counts(128)
    if parameters:
        head = 312 * 2 + 2
        assert counts.parameters == parameters + head
    if macs:
        assert counts.macs == pytest.approx(macs, rel=0.01)


def test_rows_hold_measured_and_predicted_apart(made):
    _, rows = made
    assert [row.scheme for row in rows] == list(SCHEMES)
    for row in rows:
        assert row.macs_ratio > 1 and row.measured[0].threads == 1
        assert row.measured[0].low <= row.measured[0].ratio <= row.measured[0].high
        assert row.predicted.low_ms < row.predicted.ms < row.predicted.high_ms
    fp32, int8 = rows
    assert fp32.verdict in ("met", "not met") and int8.verdict == "", "no paper claims our int8 files"
    assert "fewer multiply-adds" in fp32.why and "the paper prints 62 and 342 ms" in fp32.why


def test_everything_is_written(made):
    out, _ = made
    values = json.loads((out / "claims.json").read_text())
    assert [one["claim"]["name"] for one in values["rows"]] == ["MobileBERT over BERT-base"] * 2
    assert values["rows"][0]["claim"]["rows"][0]["ms"] == 62
    page = (out / "claims.html").read_text()
    assert "<td>5.5x</td>" in page and "<td>no claim</td>" in page and 'src="' not in page


def test_a_stopped_call_goes_on_where_it_was(made, told, monkeypatch):
    out, _ = made
    (last,) = (out / "rounds").glob("mobilebert-int8-t1-*-2.json")
    before = json.loads(last.read_text())
    last.unlink()
    timed = []
    monkeypatch.setattr(timing, "SECONDS", 0.01)
    real = InProcess.time
    monkeypatch.setattr(InProcess, "time", lambda self, job: timed.append(job) or real(self, job))

    def no_model():
        raise AssertionError("nothing is exported again")

    claims(out, told, dict.fromkeys(BUILDERS, no_model))
    assert len(timed) == 1 and before != json.loads(last.read_text())


def test_a_faster_and_a_slower_model(made, told, tmp_path):
    out, _ = made
    (claim,) = told.claims
    times = {("mobilebert", "fp32", 1): (2.0, 2.0, 4.0), ("bert-base", "fp32", 1): (20.0, 24.0, 20.0)}

    def row(printed):
        return held.hold(replace(claim, printed=printed), "fp32", times, (1,), LENGTH, out / "files")

    found = row(5.5)
    assert (found.measured[0].ratio, found.measured[0].low, found.measured[0].high) == (10.0, 5.0, 12.0)
    assert found.verdict == "met" and row(10.5).verdict == "not met"
    assert f"each at {10 / found.macs_ratio:.2f} of bert-base's speed here" in found.why


def test_a_refused_prediction_is_said_and_not_zero(made, told, monkeypatch):
    out, _ = made

    def refuse(*_, **__):
        raise GateError("the cost of only 50% of its operators is known; not of WHILE.")

    monkeypatch.setattr(held, "predict", refuse)
    times = {(name, "int8", 1): (1.0, 1.0, 1.0) for name in BUILDERS}
    row = held.hold(told.claims[0], "int8", times, (1,), LENGTH, out / "files")
    assert row.predicted is None and "WHILE" in row.why
    assert "refused" in pages.table([row], []).rows[0]


def test_files_are_of_the_length(made):
    out, _ = made
    assert file_of(out / "files", "mobilebert", "fp32").artefact.entries[0].length == LENGTH
    assert room.claims is claims


def test_the_readme_has_every_row(made, monkeypatch, tmp_path):
    out, rows = made
    monkeypatch.setattr(benchmark, "claims", lambda work: rows)
    benchmark.main(work=out, results_in=tmp_path)
    shown = render(results.read("claims", tmp_path))
    assert [row[0] for row in shown.rows] == [f"{row.claim.name}, {row.scheme}" for row in rows]
    assert "Other processes used up to" in " ".join(shown.notes)
