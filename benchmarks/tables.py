"""The README's tables, written from the result files: no number in them is typed.

Run: python -m benchmarks.tables            (rewrites README.md)
     python -m benchmarks.tables --check    (exit code 1 if it is not what the results say)
"""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks import results, script
from benchmarks.render import render
from edgebert import console
from edgebert.errors import GateError, UserError
from edgebert.files import atomic
from edgebert.report.markdown import table

COMMANDS = {
    "rotten-tomatoes": "python -m benchmarks.task",
    "sst-2": "python -m benchmarks.task --data SST-2 --teacher gte-small --name sst-2",
    "starts": "python -m benchmarks.starts",
    "ablation": "python -m benchmarks.ablation",
    "ablation-bilstm": "python -m benchmarks.ablation_bilstm",
    "latency": "make bench",
    "conversion": "python -m benchmarks.conversion",
    "memory": "python -m benchmarks.memory",
    "startup": "python -m benchmarks.startup",
}
"""Every table there may be, and what makes its result."""
BLOCK = re.compile(r"<!-- table:(?P<name>\S+) -->\n.*?<!-- end -->", re.DOTALL)
OPENING = "<!-- table:"


def main(*, check: bool = False, readme: Path = results.ROOT / "README.md", results_in: Path = results.FOLDER) -> None:
    """Bring the tables of a README up to date.

    Args:
        check: change nothing, and fail where something would change.
        readme: the file.
        results_in: folder of the result files.

    Raises:
        GateError: if ``check`` finds a difference.
        UserError: for a table that does not exist, or one without an end.
    """
    before = readme.read_text(encoding="utf-8")
    after = fill(before, results_in)
    if before == after:
        return
    if check:
        raise GateError(f"{readme} is not what the results say.", "Run: python -m benchmarks.tables")
    with atomic(readme) as temporary:
        temporary.write_text(after, encoding="utf-8")
    console.say(f"written: {readme}")


def fill(text: str, folder: Path = results.FOLDER) -> str:
    """``text`` with every block between `<!-- table:NAME -->` and `<!-- end -->` made anew."""
    if len(BLOCK.findall(text)) != text.count(OPENING):
        raise UserError(f"A '{OPENING}...' has no '<!-- end -->' after it.")
    return BLOCK.sub(lambda match: _block(match["name"], folder), text)


def _block(name: str, folder: Path) -> str:
    if name not in COMMANDS:
        raise UserError(f"There is no table '{name}'.", f"There are: {', '.join(COMMANDS)}.")
    result = results.read(name, folder)
    shown = f"Not measured yet; made by `{COMMANDS[name]}`." if result is None else table(render(result))
    return f"{OPENING}{name} -->\n\n{shown}\n\n<!-- end -->"


if __name__ == "__main__":
    script.run(main)
