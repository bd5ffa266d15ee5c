import pytest

from edgebert.errors import UserError
from edgebert.recipes import Recipe
from edgebert.recipes.options import ConvertOptions, Source
from edgebert.run import create, open_run

SOURCE = Source(teacher="some/hub-id", train="train.csv")


def test_a_run_is_opened_as_it_was_made(tmp_path):
    recipe = Recipe(convert=ConvertOptions(lengths=(16,)))
    create(tmp_path / "run", SOURCE, recipe).save()
    run = open_run(tmp_path / "run")
    assert (run.source, run.recipe) == (SOURCE, recipe)


def test_local_paths_mean_the_same_from_any_folder(tmp_path, monkeypatch):
    (tmp_path / "train.csv").touch()
    monkeypatch.chdir(tmp_path)
    run = create(tmp_path / "run", SOURCE, Recipe())
    assert run.source.train == str(tmp_path / "train.csv") and run.source.teacher == "some/hub-id"


def test_options_are_written_down_when_work_begins(tmp_path):
    run = create(tmp_path / "run", SOURCE, Recipe())
    assert not (tmp_path / "run").exists()
    with run.at_work():
        pass
    other = open_run(tmp_path / "run").with_options(convert=ConvertOptions(lengths=(8,)))
    assert open_run(tmp_path / "run").recipe.convert.max_length == 128
    with other.at_work():
        assert open_run(tmp_path / "run").recipe.convert.max_length == 8


def test_a_run_that_was_killed_in_its_first_moment_is_no_foreign_folder(tmp_path):
    (tmp_path / ".lock").touch()
    (tmp_path / ".run.json.tmp").write_text("{")
    with create(tmp_path, SOURCE, Recipe()).at_work():
        assert open_run(tmp_path).source == SOURCE


def test_a_run_with_a_result_keeps_its_source(tmp_path):
    create(tmp_path / "run", SOURCE, Recipe()).save()
    other = Source(teacher="some/hub-id", train="train.csv", label_column="stars")
    assert create(tmp_path / "run", other, Recipe()).source == other  # nothing would be lost
    (tmp_path / "run" / "task").mkdir()
    with pytest.raises(UserError) as error:
        create(tmp_path / "run", other, Recipe())
    assert "--label-column was not given there, and is stars now" in error.value.what


def test_a_damaged_run_file_is_told(tmp_path):
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(UserError) as error:
        open_run(tmp_path)
    assert f"Delete {tmp_path / 'run.json'}" in error.value.fix
