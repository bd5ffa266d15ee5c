"""CSV and TSV files whose first line names the columns.

CSV is read as RFC 4180 has it: a field with a comma, quote or line end stands in double quotes, quotes inside are
doubled. TSV is written in two dialects, see `tsv_dialect`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from edgebert.errors import UserError
from edgebert.tasks.readers.lines import read_lines
from edgebert.tasks.readers.table import Records, Table
from edgebert.tasks.readers.tsv_dialect import is_quoted

FIELD_LIMIT = 1 << 26
"""Longest field, in characters. A longer one is a quote that was never closed, swallowing the file."""

FIX_QUOTES = 'Put a text that holds the delimiter, a quote or a line end in "double quotes", and double quotes in it.'
CSV_ERRORS = {
    "unexpected end of data": "opens a quote that is never closed",
    "expected after": "has text behind a closing quote",
    "field larger": "has a field of more than 64 million characters: a quote that is never closed, most likely",
    "new-line character": "has a carriage return outside quotes",
}
"""Python's words for what it found, and ours."""

FIX_TABS = "Take the tabs out of the texts; or write the file with quotes, as CSV."


def open_file(path: Path) -> Table:
    """Open a CSV or TSV file.

    Raises:
        UserError: for a header that cannot be one, a broken TSV file, or bytes that are not UTF-8.
    """
    header = next((line for _, line in read_lines(path)), "")
    delimiter = "\t" if path.suffix.lower() == ".tsv" else _csv_delimiter(header)
    quoted = delimiter != "\t" or is_quoted(path, lambda: count_checked(path, quoted_rows(path, "\t"), FIX_TABS))
    fix = FIX_QUOTES if quoted else FIX_TABS

    def rows() -> Iterator[tuple[int, list[str]]]:
        return count_checked(path, quoted_rows(path, delimiter) if quoted else unquoted_rows(path), fix)

    columns = tuple(name.strip() for name in next(rows(), (0, [""]))[1])
    _check_header(path, columns)

    def records(wanted: Sequence[str]) -> Records:
        places = [columns.index(name) for name in wanted]
        body = rows()
        next(body)
        for number, fields in body:
            yield number, [fields[place] for place in places]

    return Table(str(path), columns, records)


def unquoted_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number and fields of each line that is not blank, split at its tabs and nowhere else."""
    for number, line in read_lines(path):
        if bare := line.rstrip("\r\n"):
            yield number, bare.split("\t")


def quoted_rows(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Number of the first line and fields of each record that is not blank.

    Raises:
        UserError: where quotes are not as RFC 4180 has them.
    """
    csv.field_size_limit(FIELD_LIMIT)
    reader = csv.reader((line for _, line in read_lines(path)), delimiter=delimiter, strict=True)
    start = 1
    try:
        for fields in reader:
            if fields:
                yield start, fields
            start = reader.line_num + 1
    except csv.Error as error:
        why = next((words for part, words in CSV_ERRORS.items() if part in str(error)), str(error))
        raise UserError(f"{path}, line {start}: the row that begins here {why}.", FIX_QUOTES) from error


def count_checked(path: Path, rows: Iterator[tuple[int, list[str]]], fix: str) -> Iterator[tuple[int, list[str]]]:
    """The same rows, each with as many fields as the first.

    Raises:
        UserError: at the first row where this is not so.
    """
    width = 0
    for number, fields in rows:
        width = width or len(fields)
        if len(fields) != width:
            raise UserError(f"{path}, line {number}: {len(fields)} fields where the header has {width}.", fix)
        yield number, fields


def _csv_delimiter(header: str) -> str:
    """Comma; where the header has none, the semicolon or tab that it has (spreadsheets write these)."""
    return next((mark for mark in ",;\t" if mark in header), ",")


def _check_header(path: Path, columns: tuple[str, ...]) -> None:
    twice = next((name for name in columns if name and columns.count(name) > 1), None)
    if twice or not any(columns):
        why = f"names the column '{twice}' twice" if twice else "names no columns"
        raise UserError(f"{path}, line 1: the header {why}.", "The first line must name each column once.")
