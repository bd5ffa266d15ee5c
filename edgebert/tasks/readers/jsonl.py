"""JSON Lines: one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from edgebert.errors import UserError
from edgebert.tasks.readers.lines import read_lines
from edgebert.tasks.readers.table import Records, Table

FIX = 'Write one object a line, such as {"text": "good film", "label": "positive"}.'


def open_file(path: Path) -> Table:
    """Open a JSONL file; its columns are the keys of the first object, and a key that a later one lacks is empty there.

    Raises:
        UserError: when the first line is no object, or bytes are not UTF-8.
    """
    columns = tuple(next(_objects(path), (0, {}))[1])
    if not columns:
        raise UserError(f"{path} holds no objects.", FIX)

    def records(wanted: Sequence[str]) -> Records:
        for number, values in _objects(path):
            yield number, [values.get(name) for name in wanted]

    return Table(str(path), columns, records)


def _objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in read_lines(path):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise UserError(f"{path}, line {number} is not JSON: {error}.", FIX) from error
        if not isinstance(values, dict):
            raise UserError(f"{path}, line {number} is a JSON {type(values).__name__}, not an object.", FIX)
        yield number, values
