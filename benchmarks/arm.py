"""What a bundle's files answer on arm64, in the engines' own arm64 builds under emulation, beside this machine.

Run: python -m benchmarks.arm --bundle artefacts/bundle        (half an hour, nearly all of it emulation)
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

from android_demo.check.arm import emulator, parity
from benchmarks import results, script
from edgebert.bundle.manifest import Manifest


def main(
    *,
    bundle: Path = Path("artefacts/bundle"),
    work: Path = results.WORK / "arm",
    results_in: Path = results.FOLDER,
) -> None:
    """Ask every file its goldens on a small and on a large core.

    Args:
        bundle: as `edgebert export` leaves it.
        work: folder of what was found so far; a second call goes on there.
        results_in: folder of the result file.
    """
    watch, manifest = results.Watch(), Manifest.load(bundle)
    found = parity.compare(bundle, emulator.PROCESSORS, work)
    results.write(
        "arm", "arm", results.command("arm", sys.argv[1:]), watch,
        {
            "student": manifest.name, "task": manifest.task, "emulator": emulator.version_of_qemu(),
            "files": [asdict(one) for one in found],
        },
        results_in,
    )  # fmt: skip
    parity.gate(found)


if __name__ == "__main__":
    script.run(main)
