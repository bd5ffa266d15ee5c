import json
from dataclasses import asdict

import pytest

from benchmarks import kept, results, starts
from benchmarks.render import render
from edgebert.models.scores import ModelScores

SECONDS = {"tinybert-4": (5.0, 0.5), "bert-3-384": (4.0, 0.8)}
"""What every training takes, and every step."""


@pytest.fixture
def trained(monkeypatch):
    """In place of training: stages that know whether they are done, as the real ones do; gives what was trained."""
    made = []

    def finetune(source, recipe, *, out):
        seed = recipe.finetune.seed
        write(out / "teacher", "teacher", f"teacher {seed}", dev=80.0 + seed, seed=seed, seconds=60.0)

    def distill(run, options):
        teacher = (run / "teacher" / "stage.json").read_text()
        fixed, step = SECONDS[options.student]
        dev = 80.0 if options.init == "teacher" else 60.0
        write(
            run / "student", options.student, f"{teacher} {asdict(options)}", init=options.init, dev=dev, select=dev,
            untrained_select=50.0, steps=options.max_steps, seconds=fixed + step * options.max_steps, seed=options.seed,
        )  # fmt: skip

    def write(folder, name, key, **values):
        if (folder / "stage.json").exists() and json.loads((folder / "stage.json").read_text())["key"] == key:
            return
        made.append((name, values.get("init"), values.get("steps"), values["seed"]))
        for path in folder.glob("*"):
            path.unlink()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "stage.json").write_text(json.dumps({"key": key, "revision": "abc"}))
        ModelScores(name=name, architecture="bert", source="x", parameters=10**6, macs=None, max_length=128,
                    metric="accuracy", rows={"select": 7, "dev": 9}, **values).save(folder)  # fmt: skip

    monkeypatch.setattr(kept, "finetune", finetune)
    monkeypatch.setattr(kept, "distill", distill)
    return made


def measure(tmp_path, seeds=(0, 1)):
    starts.main(minutes=2, seeds=seeds, work=tmp_path / "work", results_in=tmp_path)
    return results.read("starts", tmp_path)


def test_every_student_of_a_seed_gets_the_same_minutes(tmp_path, trained):
    found = measure(tmp_path)
    assert [(one["seed"], one["start"], one["steps"]) for one in found["students"]] == [
        (seed, start, steps) for seed in (0, 1) for start, steps in (("random", 230), ("layers", 145), ("units", 230))
    ]
    assert {one["minutes"] for one in found["students"]} == {2.0}
    assert [one["dev"] for one in found["teachers"]] == [80.0, 81.0]
    assert len([one for one in trained if one[0] == "teacher"]) == 2


def test_a_second_call_trains_nothing(tmp_path, trained):
    first = measure(tmp_path)
    trained.clear()
    assert measure(tmp_path)["students"] == first["students"]
    assert trained == []


def test_a_killed_call_goes_on(tmp_path, trained, monkeypatch):
    real, calls = kept.distill, []

    def killed(run, options):
        if len(calls) == 6:
            raise KeyboardInterrupt
        calls.append(options)
        real(run, options)

    monkeypatch.setattr(kept, "distill", killed)
    with pytest.raises(KeyboardInterrupt):
        measure(tmp_path, seeds=(0,))
    monkeypatch.setattr(kept, "distill", real)
    done = len(trained)
    found = measure(tmp_path, seeds=(0,))
    assert [one[:2] for one in trained[done:]] == [("tinybert-4", "teacher")]
    assert [one["start"] for one in found["students"]] == ["random", "layers", "units"]


def test_the_table_has_mean_and_spread(tmp_path, trained):
    table = render(measure(tmp_path))
    assert [(row[0], row[-2], row[-1]) for row in table.rows] == [
        ("teacher", "80.50 (80.00 to 81.00)", ""),
        ("tinybert-4, random weights", "60.00", "74.5 (74.1 to 75.0)"),
        ("bert-3-384, chosen layers of the teacher at full width", "80.00", "99.4 (98.8 to 100.0)"),
        ("tinybert-4, units of the teacher's weights", "80.00", "99.4 (98.8 to 100.0)"),
    ]
