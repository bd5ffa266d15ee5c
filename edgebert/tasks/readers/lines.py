"""Lines of a UTF-8 text file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edgebert.errors import UserError

BYTE_ORDER_MARK = "\ufeff"


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Number and text of each line, its line end kept; a byte order mark is dropped.

    Raises:
        UserError: naming file, line and byte where the text is not UTF-8.
    """
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            try:
                line = raw.decode("utf-8")
            except UnicodeDecodeError as error:
                encoding = "UTF-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "WINDOWS-1252"
                raise UserError(
                    f"{path}, line {number}: byte {error.start + 1} (0x{raw[error.start]:02x}) is not UTF-8 text.",
                    f"Save the file as UTF-8. If it is {encoding}: iconv -f {encoding} -t UTF-8 OLD > NEW",
                ) from error
            yield number, line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
