import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgebert.errors import UserError
from edgebert.tasks.readers import open_table


def read(path, text, wanted=None):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    table = open_table(str(path), "train", "--train")
    return [(number, *values) for number, values in table.records(wanted or table.columns)]


@pytest.fixture
def tsv(tmp_path):
    return tmp_path / "t.tsv"


@pytest.fixture
def csv_file(tmp_path):
    return tmp_path / "t.csv"


def test_csv_has_quotes_commas_and_line_ends_in_quotes(csv_file):
    text = 'text,label\n"a, ""b""\nc",1\n\n5" disk,0\r\n"",1'
    assert read(csv_file, text) == [(2, 'a, "b"\nc', "1"), (5, '5" disk', "0"), (6, "", "1")]


def test_columns_come_in_the_order_wanted(csv_file):
    assert read(csv_file, "id,text,label\n7,x,1\n", ("label", "text")) == [(2, "1", "x")]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_csv_of_spreadsheets_has_other_delimiters(csv_file, mark):
    assert read(csv_file, f'\ufefftext{mark}label\n"a{mark} b"{mark}1\n') == [(2, f"a{mark} b", "1")]


def test_a_very_long_field_is_read(csv_file):
    assert len(read(csv_file, f"text,label\n{'x ' * 1_000_000},1\n")[0][1]) == 2_000_000


def test_tsv_of_glue_has_quotes_as_they_are(tsv):
    text = 'label\ttext\n1\t" The foodservice business .\n0\tHe said " yes " .\n1\t"all of it"\n0\tends with "\n'
    assert read(tsv, text) == [
        (2, "1", '" The foodservice business .'),
        (3, "0", 'He said " yes " .'),
        (4, "1", '"all of it"'),
        (5, "0", 'ends with "'),
    ]


def test_a_lone_quote_does_not_swallow_lines_up_to_the_next(tsv):
    # Read as quoted, lines 2 to 4 would be one well-formed row.
    text = 'label\ttext\n1\t"opens here\n0\tfilm\n1\tcloses here"\n0\tlast\n'
    assert [number for number, *_ in read(tsv, text)] == [2, 3, 4, 5]


def test_quotes_round_one_text_alone_are_part_of_it(tsv):
    assert read(tsv, 'text\tlabel\n"yes"\t1\nno\t0\n') == [(2, '"yes"', "1"), (3, "no", "0")]


def test_tsv_with_doubled_quotes_is_quoted(tsv):
    assert read(tsv, 'text\tlabel\n"he said ""yes"""\t1\nno\t0\n') == [(2, 'he said "yes"', "1"), (3, "no", "0")]


def test_tsv_with_a_column_in_quotes_throughout_is_quoted(tsv):
    assert read(tsv, '"text"\t"label"\n"yes"\t1\n"no"\t0\n') == [(2, "yes", "1"), (3, "no", "0")]


def test_tsv_with_tabs_and_line_ends_in_quotes_is_quoted(tsv):
    assert read(tsv, 'label\ttext\n1\t"a\tb"\n0\t"c\nd"\n1\te\n') == [(2, "1", "a\tb"), (3, "0", "c\nd"), (5, "1", "e")]


def test_unquoted_tsv_keeps_carriage_returns_and_odd_line_marks_inside(tsv):
    assert read(tsv, "text\tlabel\r\na\rb\u2028c\x0bd\t1\r\n") == [(2, "a\rb\u2028c\x0bd", "1")]


words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)


@given(
    rows=st.lists(st.tuples(words, words), min_size=1, max_size=6),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_a_csv_writer_wrote_comes_back(tmp_path_factory, rows, quoting):
    out = io.StringIO()
    csv.writer(out, quoting=quoting).writerows([("text", "label"), *rows])
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    assert [tuple(values) for _, *values in read(path, out.getvalue())] == rows


@given(
    rows=st.lists(st.tuples(words.filter(lambda text: not {"\t", "\n"} <= set(text)), words), min_size=1, max_size=6),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_a_tsv_writer_wrote_with_quotes_comes_back(tmp_path_factory, rows, quoting):
    out = io.StringIO()
    csv.writer(out, delimiter="\t", quoting=quoting).writerows([("text", "label"), *rows])
    path = tmp_path_factory.mktemp("tsv") / "t.tsv"
    assert [tuple(values) for _, *values in read(path, out.getvalue())] == rows


lines = st.text(st.characters(codec="utf-8", exclude_characters="\t\r\n"), min_size=1, max_size=8)


@given(rows=st.lists(st.tuples(lines, lines), min_size=1, max_size=6), place=st.integers(0, 6))
def test_any_unquoted_tsv_with_one_lone_quote_comes_back(tmp_path_factory, rows, place):
    rows.insert(place, ('" lone', "1"))
    text = "".join(f"{first}\t{second}\n" for first, second in [("text", "label"), *rows])
    path = tmp_path_factory.mktemp("tsv") / "t.tsv"
    assert [tuple(values) for _, *values in read(path, text)] == rows


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("t.csv", "text,label\na,1\nb,c,1\n", "line 3: 3 fields where the header has 2"),
        ("t.csv", 'text,label\na,1\n"b,1\nc,0\n', "line 3: the row that begins here opens a quote"),
        ("t.csv", 'text,label\n"a\nb",1\n"c" d,0\n', "line 4: the row that begins here has text behind"),
        ("t.csv", "text,label\na,1\rb,0\r", "line 2: the row that begins here has a carriage return"),
        ("t.csv", "text,label,text\na,1,b\n", "line 1: the header names the column 'text' twice"),
        ("t.csv", "\n\n", "line 1: the header names no columns"),
        ("t.tsv", "text\tlabel\na\t1\nb\tc\t1\n", "line 3: 3 fields where the header has 2"),
        ("t.tsv", 'text\tlabel\n"a\t1\nb\tc\t1\n', "unquoted, line 3 has 3 fields where the header has 2; quoted:"),
        ("t.csv", b"text,label\nfilm,1\ncaf\xe9,1\n", "line 3: byte 4 (0xe9) is not UTF-8 text"),
        ("t.tsv", b"text\tlabel\nfilm\t1\ncaf\xe9\t1\n", "line 3: byte 4 (0xe9) is not UTF-8 text"),
        ("t.csv", "text,label\na,1\n".encode("utf-16"), "line 1: byte 1 (0xff) is not UTF-8 text"),
    ],
)
def test_broken_tables_are_told_with_file_and_line(tmp_path, name, text, message):
    with pytest.raises(UserError) as error:
        read(tmp_path / name, text)
    assert str(tmp_path / name) in error.value.what
    assert message in error.value.what
    assert error.value.fix


def test_utf16_is_told_how_to_become_utf8(csv_file):
    with pytest.raises(UserError, match="iconv -f UTF-16 -t UTF-8"):
        read(csv_file, "text,label\n".encode("utf-16"))


def test_a_field_without_end_is_told_before_memory_is_gone(csv_file, monkeypatch):
    monkeypatch.setattr("edgebert.tasks.readers.delimited.FIELD_LIMIT", 1000)
    with pytest.raises(UserError, match="line 2: the row that begins here has a field of more than 64 million"):
        read(csv_file, 'text,label\n"never closed,1\n' + "film,1\n" * 200)
