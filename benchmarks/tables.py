"""The tables of README.md and of the documents beside this file, from the result files: no number in them is typed.

Likewise `retention.json`, which `--student auto` goes by.

Run: python -m benchmarks.tables            (rewrites them)
     python -m benchmarks.tables --check    (exit code 1 if they are not what the results say)
"""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks import results, script
from benchmarks import retention as retained
from benchmarks.render import render
from edgebert import console
from edgebert.errors import GateError, UserError
from edgebert.files import atomic
from edgebert.propose import retention
from edgebert.report.markdown import table

COMMANDS = {
    "rotten-tomatoes": "python -m benchmarks.task",
    "sst-2": "python -m benchmarks.task --data SST-2 --teacher gte-small --name sst-2",
    "as-it-is-rotten-tomatoes": "python -m benchmarks.task --student none --name as-it-is-rotten-tomatoes",
    "as-it-is-sst-2": "python -m benchmarks.task --data SST-2 --student none --name as-it-is-sst-2",
    "as-it-is-mrpc": "python -m benchmarks.task --data MRPC --student none --name as-it-is-mrpc",
    "students-rotten-tomatoes": "python -m benchmarks.students",
    "students-sst-2": "python -m benchmarks.students --data SST-2 --teacher gte-small",
    "students-mrpc": (
        "python -m benchmarks.students --data MRPC --teacher gte-small --also test_labelled.tsv --length 96 "
        "--epochs 5 --slow-steps 100 --seeds 0 1 2"
    ),
    "students-sts-b": (
        "python -m benchmarks.students --data STS-B --teacher gte-small --epochs 4 --slow-steps 100 --seeds 0 1 2"
    ),
    "starts": "python -m benchmarks.starts",
    "ablation": "python -m benchmarks.ablation",
    "ablation-bilstm": "python -m benchmarks.ablation_bilstm",
    "fast": "python -m benchmarks.fast",
    "peers": "make bench",
    "peers-trained": "python -m benchmarks.peers --model CHECKPOINT --table dev.tsv --scored 872 --name peers-trained",
    "operators": "python -m benchmarks.operators",
    "latency": "python -m benchmarks.latency",
    "reductions": "python -m benchmarks.reductions",
    "claims": "python -m benchmarks.claims",
    "published": "python -m benchmarks.published",
    "conversion": "python -m benchmarks.conversion",
    "memory": "python -m benchmarks.memory",
    "startup": "python -m benchmarks.startup",
    "prediction": "python -m benchmarks.prediction",
    "arm": "make check-arm",
}
"""Every table there may be, and what makes its result."""
DOCUMENTS = (
    results.ROOT / "README.md",
    results.ROOT / "benchmarks" / "FILES.md",
    results.ROOT / "benchmarks" / "PEERS.md",
    results.ROOT / "benchmarks" / "REDUCTIONS.md",
    retention.FILE,
)
BLOCK = re.compile(r"<!-- table:(?P<name>\S+) -->\n.*?<!-- end -->", re.DOTALL)
OPENING = "<!-- table:"


def main(*, check: bool = False, documents: tuple[Path, ...] = DOCUMENTS, results_in: Path = results.FOLDER) -> None:
    """Bring tables up to date.

    Args:
        check: change nothing, and fail where something would change.
        documents: the files they stand in.
        results_in: folder of the result files.

    Raises:
        GateError: if ``check`` finds a difference.
        UserError: for a table that does not exist, or one without an end.
    """
    for document in documents:
        before = document.read_text(encoding="utf-8")
        after = retained.written(results_in) if document.suffix == ".json" else fill(before, results_in)
        if before == after:
            continue
        if check:
            raise GateError(f"{document} is not what the results say.", "Run: python -m benchmarks.tables")
        with atomic(document) as temporary:
            temporary.write_text(after, encoding="utf-8")
        console.say(f"written: {document}")


def fill(text: str, folder: Path = results.FOLDER) -> str:
    """``text`` with every block between `<!-- table:NAME -->` and `<!-- end -->` made anew."""
    if len(BLOCK.findall(text)) != text.count(OPENING):
        raise UserError(f"A '{OPENING}...' has no '<!-- end -->' after it.")
    return BLOCK.sub(lambda match: _block(match["name"], folder), text)


def _block(whole: str, folder: Path) -> str:
    name, _, view = whole.partition("/")
    if name not in COMMANDS:
        raise UserError(f"There is no table '{name}'.", f"There are: {', '.join(COMMANDS)}.")
    result = results.read(name, folder)
    if result is not None and "families" in result:
        result, view = results.section(result, view), ""
    shown = f"Not measured yet; made by `{COMMANDS[name]}`." if result is None else table(render(result, view))
    return f"{OPENING}{whole} -->\n\n{shown}\n\n<!-- end -->"


if __name__ == "__main__":
    script.run(main)
