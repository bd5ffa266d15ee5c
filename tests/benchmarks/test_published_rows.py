"""Published rows: what the fit finds, and that no row is predicted by a fit that has seen it."""

import dataclasses

import pytest

import device_profiles
from benchmarks import published, results
from benchmarks.render import render
from device_profiles.published import published as rows_of
from edgebert.claims import models
from edgebert.profile.costs.work import Node
from edgebert.profile.predict import cost

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The whole benchmark on tiny stand-ins of different depth and width."""
    names = {row.model for row in rows_of().values() if row.length}
    sizes = {name: (1 + i % 3, 16 * (1 + i)) for i, name in enumerate(sorted(names))}
    builders = {name: lambda size=size: models.bert(*size, 2) for name, size in sizes.items()}
    folder = tmp_path_factory.mktemp("published")
    seen = []
    real = published.fit
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            published, "fit", lambda rows, reached: seen.append({r.name for r, _ in rows}) or real(rows, reached)
        )
        published.main(work=folder / "work", results_in=folder, builders=builders)
    return results.read("published", folder), seen


def test_no_row_is_predicted_by_a_fit_that_has_seen_it(made):
    found, seen = made
    kinds = [row["kind"] for row in found["rows"]]
    assert kinds.count("one left out") == 4 and kinds.count("both of the 5.5x left out") == 2
    for names, row in zip(seen[:4], found["rows"][:4], strict=True):
        assert row["row"] not in names and len(names) == 3
    assert not seen[4] & set(published.CLAIM)
    assert not any(names & set(published.UNSEEN) for names in seen)
    assert {row["device"] for row in found["rows"][-5:]} == {"pixel4", "pixel3", "redmi-note-12r"}


def test_errors_are_those_of_the_rows(made):
    for row in made[0]["rows"]:
        assert row["error"] == pytest.approx(row["predicted_ms"] / row["published_ms"] - 1, abs=2e-2)


def test_table_says_what_is_from_memory_and_what_was_left_out(made):
    table = render(made[0])
    assert sum("(memory)" in row[2] for row in table.rows) == 2
    assert "both of the 5.5x left out" in {row[1] for row in table.rows} and "inferred" in table.notes[0]


def test_efficiency_is_that_of_the_large_networks():
    rows = rows_of()
    peak = device_profiles.load("pixel4").peak_gops("fp32", 4)
    own = [2 * rows[name].gmacs / rows[name].ms * 1000 / peak for name in published.CNNS]
    assert published.efficiency([rows[name] for name in published.CNNS]) == pytest.approx(sum(own) / 2)
    assert 0.4 < sum(own) / 2 < 0.65


def test_fit_recovers_planted_factors(made, monkeypatch):
    row = rows_of()["pixel4-bert-base"]
    device = device_profiles.load(row.device)
    graphs = _graphs()
    planted = published.Factors(0.5, 3.0, 7.0)
    told = [
        (published.replace(row, ms=cost(nodes, device, published.using(device, row.engine, planted), 4).ms), nodes)
        for nodes in graphs
    ]
    found = published.fit(told, 0.5)
    assert (found.elements, found.operators) == pytest.approx((3.0, 7.0), rel=1e-6)


def _graphs() -> list[list[Node]]:
    import tempfile
    from pathlib import Path

    from edgebert.claims.files import file_of, write_all

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        builders = {"a": lambda: models.bert(1, 32, 2), "b": lambda: models.bert(3, 64, 2)}
        write_all(list(builders), builders, 16, folder, ("fp32",))
        return [published.steps(file_of(folder, one, "fp32").path, 16)[1] for one in builders]


def test_the_profile_of_the_pixel_4_has_what_the_fit_found():
    engine, found = device_profiles.load("pixel4").engines[published.ENGINE], results.read("published")["engine"]
    assert dict(engine.coefficients) == pytest.approx(found["coefficients"], rel=1e-4)
    assert dataclasses.asdict(engine.fit) == found["fit"]
