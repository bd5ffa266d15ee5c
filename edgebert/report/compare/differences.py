"""What reports differ in, in words: between boards, and within one."""

from __future__ import annotations

from collections.abc import Sequence

from edgebert.report.compare.comparison import Row
from edgebert.report.report import Report


def warnings(reports: dict[str, Report], rows: Sequence[Row]) -> list[str]:
    """What differs between reports of one board; each device has a column and a front of its own in any case."""
    found = []
    versions: dict[str, set[str]] = {}
    for row in rows:
        engine, version = row.entry.engine.rsplit(" ", 1)
        versions.setdefault(engine, set()).add(version)
    for engine, several in versions.items():
        if len(several) > 1:
            found.append(f"Different versions of {engine}: {', '.join(sorted(several))}.")
    teachers = {report.teacher.source: None for report in reports.values() if report.teacher}
    if len(teachers) > 1:
        found.append(f"Different teachers ({', '.join(teachers)}): what is kept is of each run's own.")
    untimed = dict.fromkeys(row.run for row in rows if not any(row.times))
    if untimed:
        found.append(f"Not timed under these conditions: some files of {', '.join(untimed)}.")
    return found


def reasons(boards: Sequence[dict[str, Report]]) -> tuple[str, ...]:
    """Why reports are not ranked together, each board against the first."""
    found = []
    (first_name, first), *others = [next(iter(board.items())) for board in boards]
    for name, other in others:
        assert first.scores and other.scores
        if first.scores.metric != other.scores.metric:
            why = f"one has {first.scores.metric}, the other {other.scores.metric}"
        elif first.scores.rows != other.scores.rows:
            why = f"one was scored on {first.scores.rows} dev rows, the other on {other.scores.rows}"
        elif first.dev_sha256 is None or other.dev_sha256 is None:
            why = "one does not say which dev rows it was scored on; edgebert report writes it anew"
        else:
            why = "they were scored on different dev rows"
        found.append(f"{first_name} and {name} are not ranked together: {why}.")
    return tuple(found)
