"""Stages: done once, redone when something they depend on changes, gone on with after a kill."""

import pytest

from edgebert.errors import UserError
from edgebert.files import read_json
from edgebert.store import Stage, read_stamp, run_stage, stage_at


class Killed(BaseException):
    """Stands for a kill."""


def writes(text, calls, name="out.txt"):
    def make(work):
        calls.append(text)
        (work / name).write_text(text)

    return make


def test_a_stage_is_made_once(tmp_path):
    calls = []
    first = run_stage(tmp_path / "a", {"x": 1}, {}, writes("one", calls))
    assert run_stage(tmp_path / "a", {"x": 1}, {}, writes("one", calls)) == first
    assert run_stage(tmp_path / "a", {"x": 1.0}, {}, writes("one", calls)) == first
    assert calls == ["one"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a"]
    assert set(read_stamp(tmp_path / "a")["outputs"]) == {"out.txt"}


def test_other_settings_or_other_inputs_redo_it(tmp_path):
    calls = []
    first = run_stage(tmp_path / "a", {"x": 1}, {}, writes("one", calls))
    run_stage(tmp_path / "a", {"x": 2}, {}, writes("two", calls))
    assert (tmp_path / "a" / "out.txt").read_text() == "two"
    run_stage(tmp_path / "b", {}, {"a": first}, writes("b", calls))
    run_stage(tmp_path / "b", {}, {"a": Stage(tmp_path / "a", "another")}, writes("b", calls))
    assert calls == ["one", "two", "b", "b"]


def test_same_outputs_of_other_settings_redo_nothing_after_it(tmp_path):
    one = run_stage(tmp_path / "a", {"x": 1}, {}, writes("same", []))
    two = run_stage(tmp_path / "a", {"x": 2}, {}, writes("same", []))
    assert one.digest == two.digest


def test_outputs_for_the_eye_redo_nothing_after_it(tmp_path):
    def make(note):
        def make(work):
            (work / "out.txt").write_text("same")
            (work / "note.json").write_text(note)

        return make

    one = run_stage(tmp_path / "a", {"x": 1}, {}, make("1"), unread={"note.json"})
    two = run_stage(tmp_path / "a", {"x": 2}, {}, make("2"), unread={"note.json"})
    assert one.digest == two.digest
    (tmp_path / "a" / "note.json").write_text("changed")
    with pytest.raises(UserError, match=r"note\.json was changed"):
        run_stage(tmp_path / "a", {"x": 2}, {}, make("2"), unread={"note.json"})


def test_a_killed_stage_finds_its_folder_as_it_left_it(tmp_path):
    def dies(work):
        (work / "half.txt").write_text("half")
        (work / "scratch").mkdir()
        raise Killed

    def goes_on(work):
        assert (work / "half.txt").read_text() == "half"
        (work / "whole.txt").write_text("whole")

    with pytest.raises(Killed):
        run_stage(tmp_path / "a", {"x": 1}, {}, dies)
    assert not (tmp_path / "a").exists()
    run_stage(tmp_path / "a", {"x": 1}, {}, goes_on)
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["half.txt", "stage.json", "whole.txt"]


def test_a_stage_killed_under_other_settings_begins_anew(tmp_path):
    def dies(work):
        (work / "half.txt").write_text("half")
        raise Killed

    with pytest.raises(Killed):
        run_stage(tmp_path / "a", {"x": 1}, {}, dies)
    run_stage(tmp_path / "a", {"x": 2}, {}, writes("two", []))
    assert not (tmp_path / "a" / "half.txt").exists()


@pytest.mark.parametrize("moment", ["before", "between"])
def test_a_kill_while_a_finished_stage_takes_its_place_loses_nothing(tmp_path, moment):
    run_stage(tmp_path / "a", {"x": 1}, {}, writes("old", []))
    run_stage(tmp_path / "a", {"x": 2}, {}, writes("new", []))
    (tmp_path / "a").rename(tmp_path / ".a.partial")
    if moment == "before":
        run_stage(tmp_path / "old", {"x": 1}, {}, writes("old", []))
        (tmp_path / "old").rename(tmp_path / "a")
    calls = []
    run_stage(tmp_path / "a", {"x": 2}, {}, writes("again", calls))
    assert calls == [] and (tmp_path / "a" / "out.txt").read_text() == "new"


def test_a_failed_stage_leaves_the_old_result(tmp_path):
    def fails(work):
        raise UserError("no")

    run_stage(tmp_path / "a", {"x": 1}, {}, writes("old", []))
    with pytest.raises(UserError):
        run_stage(tmp_path / "a", {"x": 2}, {}, fails)
    assert (tmp_path / "a" / "out.txt").read_text() == "old"
    calls = []
    run_stage(tmp_path / "a", {"x": 1}, {}, writes("old", calls))
    assert calls == []


def test_what_was_made_how_is_written_down(tmp_path):
    run_stage(tmp_path / "a", {"lengths": (8, 16)}, {}, writes("x", []))
    stamp = read_json(tmp_path / "a" / "stage.json")
    assert stamp["settings"] == {"lengths": [8, 16]}
    assert stamp["versions"]["python"] and stamp["machine"]["cores"] >= 1 and stamp["seconds"] >= 0


def test_a_missing_stage_names_the_verb_that_makes_it(tmp_path):
    with pytest.raises(UserError) as error:
        stage_at(tmp_path / "student", "distill")
    assert error.value.fix == "Run: edgebert distill"
