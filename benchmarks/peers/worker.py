"""The process of an engine: `python -m benchmarks.peers.worker build|serve ENGINE VARIANT FOLDER [...]`.

Questions and answers are lines of JSON on stdin and on what was stdout: libraries print to stderr from here on.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Mapping
from itertools import cycle
from pathlib import Path
from typing import Any

from benchmarks.peers import engine
from benchmarks.peers.engine import Job, NotApplicable, Session
from benchmarks.peers.filled import filled
from edgebert.files import read_json
from edgebert.runtimes.meter import OtherCores
from edgebert.runtimes.token_file import TokenFile

PARENT_DEATH = 1
"""`PR_SET_PDEATHSIG` of Linux: the signal that comes when the process that started this one ends."""


def build(name: str, variant: str, folder: Path, job: Path) -> dict[str, Any]:
    """Make the files of a variant; gives the seconds it took, or why it could not be."""
    began = time.perf_counter()
    try:
        engine.load(name).build(variant, Job.from_dict(read_json(job)), folder)
    except NotApplicable as reason:
        return {"not_applicable": str(reason)}
    return {"seconds": round(time.perf_counter() - began, 1)}


class Served:
    """An open session and the rows that it answers.

    Args:
        session: of an engine.
        rows: every question names some of them by number.
    """

    def __init__(self, session: Session, rows: TokenFile) -> None:
        self._session, self._rows = session, rows

    def answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Do what a question asks: ``logits`` of rows, or ``ms`` of calls."""
        numbers, length = question["rows"], question.get("length")
        if question["do"] == "logits":
            return {"logits": [self._session.run(self._feeds(row, length))[0].tolist() for row in numbers]}
        feeds = self._filled if question["filled"] else self._feeds
        calls = [feeds(row, length) for row in numbers]
        return self._time(calls, question["warmup"], question["calls"], question["seconds"])

    def _feeds(self, row: int, length: int | None) -> Any:
        """A row padded to ``length``, else to the shortest length that the session takes, else unpadded."""
        tokens = int(self._rows.lengths[row])
        fits = (fixed for fixed in self._session.lengths if fixed >= tokens)
        return self._session.prepare(self._rows.feeds(row, length or next(fits, None)))

    def _filled(self, row: int, length: int | None) -> Any:
        """A row that was made ``length`` tokens long."""
        assert length
        return self._session.prepare(filled(self._rows, row, length))

    def _time(self, feeds: list[Any], warmup: int, calls: int, seconds: float) -> dict[str, Any]:
        for ready, _ in zip(cycle(feeds), range(warmup), strict=False):
            self._session.run(ready)
        ms: list[float] = []
        gc.disable()
        cores, began = OtherCores(), time.perf_counter()
        for ready in cycle(feeds):
            started = time.perf_counter()
            self._session.run(ready)
            ms.append((time.perf_counter() - started) * 1e3)
            if len(ms) >= calls and time.perf_counter() - began >= seconds:
                break
        gc.enable()
        return {"ms": ms, "others_busy": cores.share()}


def main(verb: str, name: str, variant: str, folder: str, *more: str) -> None:
    """Build, or open and answer until stdin ends. An error is an answer too: its last lines."""
    ctypes.CDLL(None).prctl(PARENT_DEATH, signal.SIGKILL)  # stopped, it would not see that stdin ended
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(answer: Mapping[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    try:
        if verb == "build":
            say(build(name, variant, Path(folder), Path(more[0])))
            return
        session = engine.load(name).open(variant, Path(folder), int(more[1]))
        served = Served(session, TokenFile(Path(more[0])))
        say({"lengths": session.lengths})
        for line in sys.stdin:
            say(served.answer(json.loads(line)))
    except Exception as error:
        traceback.print_exc()
        say({"failure": f"{type(error).__name__}: {error}"[:2000]})


if __name__ == "__main__":
    main(*sys.argv[1:])
