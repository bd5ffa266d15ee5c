"""The picture of a report in the README: a run's report.html as a headless Chromium shows it.

Run: python -m benchmarks.picture --run artefacts
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from benchmarks import results, script
from edgebert import console
from edgebert.errors import EdgebertError, UserError
from edgebert.files import atomic
from edgebert.report.html import FILE

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
NAME = "report.png"


def main(
    *,
    run: Path = Path("artefacts"),
    browser: str | None = None,
    width: int = 1280,
    height: int = 1130,
    results_in: Path = results.FOLDER,
) -> None:
    """Take the picture.

    Args:
        run: a finished run.
        browser: a Chromium; without it, the first that is installed.
        width: of the window, pixels.
        height: likewise; what is below is left out.
        results_in: folder that gets `report.png`.

    Raises:
        UserError: if there is no report, or no browser.
        EdgebertError: if the browser takes no picture.
    """
    page = (run / FILE).resolve()
    if not page.is_file():
        raise UserError(f"{page} is not there.", "Make it with: edgebert export, or edgebert report")
    program = browser or next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        raise UserError(f"There is no browser: none of {', '.join(BROWSERS)}.", "Install Chromium, or name --browser.")
    with tempfile.TemporaryDirectory(prefix="edgebert-") as scratch, atomic(results_in / NAME) as picture:
        taken = Path(scratch) / NAME
        command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                   f"--user-data-dir={scratch}", f"--screenshot={taken}", f"--window-size={width},{height}",
                   page.as_uri()]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if not taken.is_file():
            raise EdgebertError(f"{program} took no picture: {done.stderr.strip()[-500:]}")
        shutil.copyfile(taken, picture)
    console.say(f"picture: {results_in / NAME}, {(results_in / NAME).stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    script.run(main)
