import pytest

from benchmarks import results, tables
from edgebert.errors import GateError, UserError

TEXT = "before\n<!-- table:startup -->\n<!-- end -->\nafter <!-- end -->\n"


@pytest.fixture
def readme(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(TEXT)
    return path


def write(folder, median):
    values = {"repeats": 1, "seconds": {"edgebert --help": {"median": median, "all": [median]}}}
    results.write("startup", "startup", "made up", results.Watch(), values, folder)


def test_the_readme_is_what_the_results_say():
    tables.main(check=True)


def test_every_table_has_its_place_in_a_document():
    text = "".join(document.read_text() for document in tables.DOCUMENTS)
    places = {match["name"].partition("/")[0] for match in tables.BLOCK.finditer(text)}
    assert set(tables.COMMANDS) - places == set()


def test_without_a_result_the_command_is_named(readme, tmp_path):
    tables.main(documents=(readme,), results_in=tmp_path)
    assert "`python -m benchmarks.startup`" in readme.read_text()
    tables.main(check=True, documents=(readme,), results_in=tmp_path)


def test_a_new_number_fails_the_check_until_the_readme_has_it(readme, tmp_path):
    write(tmp_path, 0.2)
    tables.main(documents=(readme,), results_in=tmp_path)
    first = readme.read_text()
    assert first.startswith("before\n") and first.endswith("after <!-- end -->\n")
    assert "| edgebert --help | 200 " in first
    tables.main(check=True, documents=(readme,), results_in=tmp_path)
    write(tmp_path, 0.3)
    with pytest.raises(GateError, match="not what the results say"):
        tables.main(check=True, documents=(readme,), results_in=tmp_path)
    assert readme.read_text() == first


def test_a_typed_number_fails_the_check(readme, tmp_path):
    write(tmp_path, 0.2)
    tables.main(documents=(readme,), results_in=tmp_path)
    readme.write_text(readme.read_text().replace("200", "100"))
    with pytest.raises(GateError):
        tables.main(check=True, documents=(readme,), results_in=tmp_path)


@pytest.mark.parametrize("text, message", [
    ("<!-- table:startup -->\nno end", "no '<!-- end -->'"),
    ("<!-- table:startup -->\n<!-- table:latency -->\n<!-- end -->", "no '<!-- end -->'"),
    ("<!-- table:nothing -->\n<!-- end -->", "no table 'nothing'"),
])  # fmt: skip
def test_a_wrong_marker_is_an_error(text, message, tmp_path):
    with pytest.raises(UserError, match=message):
        tables.fill(text, tmp_path)
