"""Whether a TSV file is quoted like CSV (pandas, spreadsheets) or not at all (GLUE).

In an unquoted file a quote is a character like any other, and a text may begin with a lone one: read as quoted, the
file would silently lose every line up to the next quote. So the whole file is looked at first:

1. Every line splits at its tabs into as many fields as the header: no quotes hold the file together. It is quoted only
   if each field that begins with a quote is a whole quoted field, and either one of them had to be quoted (it holds a
   doubled quote or a carriage return) or a whole column stands in quotes. Else it is unquoted.
2. Some line does not: line ends or tabs stand inside quotes, and the file must read as quoted from end to end.

One quoted file would be misread: each text with a line end in it also holds tabs, just as many as the header.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

from edgebert.errors import UserError
from edgebert.tasks.readers.lines import read_lines

QUOTED = re.compile(r'"(?:[^"]|"")*"')


def is_quoted(path: Path, read_quoted: Callable[[], Iterable[object]]) -> bool:
    """Decide for a file.

    Args:
        path: the TSV file.
        read_quoted: reads the whole file as quoted, raising `UserError` where that fails.

    Raises:
        UserError: when the file is broken in either dialect; both reasons are given.
    """
    width, begins, broken, needed = 0, False, False, False
    throughout: list[bool] = []  # by column: every field so far stands in quotes
    for number, line in read_lines(path):
        fields = line.rstrip("\r\n").split("\t")
        if fields == [""]:
            continue
        begins = begins or any(field.startswith('"') for field in fields)
        if not width:
            width, throughout = len(fields), [True] * len(fields)
        elif len(fields) != width:
            return begins and _reads_as_quoted(path, number, len(fields), width, read_quoted)
        else:
            for column, field in enumerate(fields):
                whole = QUOTED.fullmatch(field) is not None
                throughout[column] &= whole
                broken = broken or (field.startswith('"') and not whole)
                needed = needed or (whole and ('""' in field[1:-1] or "\r" in field))
    return begins and not broken and (needed or any(throughout))


def _reads_as_quoted(
    path: Path, number: int, found: int, width: int, read_quoted: Callable[[], Iterable[object]]
) -> bool:
    try:
        deque(read_quoted(), maxlen=0)
    except UserError as error:
        raise UserError(
            f"{path} is neither an unquoted nor a quoted TSV file: unquoted, line {number} has {found} fields where "
            f"the header has {width}; quoted: {error.what}",
            "Take tabs and line ends out of the texts; or write the file with quotes, as CSV.",
        ) from error
    return True
