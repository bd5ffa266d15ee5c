"""What a finished run is held to: the gates of its files, and the budget of its app."""

from __future__ import annotations

from pathlib import Path

from edgebert.errors import GateError
from edgebert.run import OUT, open_run


def check_budget(out: Path = OUT, until: str = "predicted") -> None:
    """Hold the files of a run to its budget, where it has one.

    Args:
        out: the run folder.
        until: the last stage to look at: "verified" knows sizes, "profiled" times too, "predicted" those of a
            device that is not at hand.

    Raises:
        GateError: if no file that passed its gate fits.
    """
    from edgebert.report import budget, build
    from edgebert.report.terminal import show

    if not open_run(out).recipe.budget.given:
        return
    found = build(out, until)
    show(budget.table(found))
    if reason := budget.missed(found):
        raise GateError(reason, "All that was measured is written; the table above says what each file lacks.")


def check_files(out: Path = OUT) -> None:
    """Hold a verified run to its gates.

    Raises:
        GateError: if a file failed, naming each with the reason.
    """
    from edgebert.verify import Scores

    scores = Scores.load(out / "verified" / "scores.json")
    if rejected := scores.rejected:
        names = "; ".join(f"{', '.join(score.files)}: {' '.join(score.reasons)}" for score in rejected)
        raise GateError(f"{len(rejected)} of the files failed: {names}", f"They are kept aside in {out / 'rejected'}.")
    if scores.unserved:
        raise GateError(
            f"No int8 file is right in {', '.join(scores.unserved)}.",
            "Add int8-tensor to --schemes, or leave the runtime out of --runtimes.",
        )
