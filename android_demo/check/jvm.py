"""The app's core on a JVM."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from android_demo.check.tools import FRUGAL, kotlin_library, kotlinc, need, ort_library, state
from android_demo.check.tools import folder as tools_folder
from edgebert.errors import UserError
from edgebert.files import atomic
from edgebert.tasks.strange_texts import Row

CORE = Path(__file__).parents[1] / "core" / "src"
BATCH = 10_000


def compiled() -> Path:
    """The core's classes and its program for a JVM, compiled once for each state of the sources."""
    need()
    sources = sorted((*CORE.glob("main/kotlin/**/*.kt"), *CORE.glob("jvm/kotlin/**/*.kt")))
    out = tools_folder() / "compiled" / f"core-{state(sources)}"
    if not out.is_dir():
        with atomic(out) as temporary:
            kotlinc(sources, temporary, [ort_library()])
    return out


def program(command: str, folder: Path, asked: str = "") -> str:
    """Run the core's program.

    Args:
        command: see `Main.kt`.
        folder: what it is about.
        asked: for its standard input.

    Returns:
        Its standard output.

    Raises:
        UserError: with what it wrote, if it fails.
    """
    classes = (compiled(), CORE / "main" / "resources", kotlin_library(), ort_library())
    done = subprocess.run(
        ["java", *FRUGAL, "-Dfile.encoding=UTF-8", "-cp", os.pathsep.join(map(str, classes)),
         "org.edgebert.check.MainKt", command, str(folder)],
        input=asked.encode(), capture_output=True, check=False,
        env=os.environ | {"EDGEBERT_LITERT": f"{sys.executable} -m android_demo.check.litert"},
    )  # fmt: skip
    if done.returncode:
        raise UserError(f"The app's core failed at '{command}': {done.stderr.decode(errors='replace')[-4000:].strip()}")
    return done.stdout.decode()


def differences(rows: Iterable[Row], tokenizer_json: Path) -> Iterator[tuple[Row, str, str]]:
    """Rows to which the app gives other token ids or types than the `tokenizers` library.

    Yields:
        The row, the library's `ids|types`, and the app's.
    """
    library = Tokenizer.from_file(str(tokenizer_json))
    library.no_padding()
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        names = ("text", "pair", "length")
        asked = "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in batch)
        answers = program("tokenize", tokenizer_json, asked).splitlines()
        for row, answer in zip(batch, answers, strict=True):
            wanted = _library(library, row)
            if wanted != answer:
                yield row, wanted, answer


def findings(folder: Path) -> list[str]:
    """What the app's self-check says of a bundle."""
    found: list[str] = json.loads(program("check", folder))
    return found


def answers(folder: Path, rows: Iterable[tuple[str, str | None]]) -> dict[str, list[dict[str, Any]]]:
    """What each model of a bundle answers in the app: labels chosen, values, file, tokens."""
    asked = "\n".join(json.dumps({"text": text, "pair": pair}) for text, pair in rows)
    found: dict[str, list[dict[str, Any]]] = json.loads(program("classify", folder, asked))
    return found


def _library(library: Tokenizer, row: Row) -> str:
    text, pair, length = row
    library.enable_truncation(length, strategy="longest_first")
    found = library.encode(text, pair)
    return f"{' '.join(map(str, found.ids))}|{''.join(map(str, found.type_ids))}"
