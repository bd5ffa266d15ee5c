"""How long `import edgebert` and `edgebert --help` take, whole processes.

Run: python -m benchmarks.startup        (seconds)
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median

from benchmarks import process, results, script

COMMANDS = {
    "python, nothing else": process.python("pass"),
    "import edgebert": process.python("import edgebert"),
    "edgebert --help": [str(Path(sys.executable).with_name("edgebert")), "--help"],
}


def main(*, repeats: int = 7, results_in: Path = results.FOLDER) -> None:
    """Time each command, after one call that nobody counts.

    Args:
        repeats: how often each is run, in turn.
        results_in: folder of the result file.
    """
    watch = results.Watch()
    for command in COMMANDS.values():
        process.measure(command)
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(repeats):
        for name, command in COMMANDS.items():
            times[name].append(process.measure(command).seconds)
    found = {name: {"median": median(seconds), "all": seconds} for name, seconds in times.items()}
    results.write(
        "startup", "startup", results.command("startup", sys.argv[1:]), watch,
        {"repeats": repeats, "seconds": found}, results_in,
    )  # fmt: skip


if __name__ == "__main__":
    script.run(main)
