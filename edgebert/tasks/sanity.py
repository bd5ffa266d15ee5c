"""What is worth knowing of the rows before anything is trained on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from edgebert import console
from edgebert.files import read_json, write_json
from edgebert.tasks import kinds
from edgebert.tasks.labels import listed
from edgebert.tasks.lengths import Lengths
from edgebert.tasks.splits import Tally
from edgebert.tasks.task import Split, Task

FILE = "sanity.json"
CUT_WORTH_A_NOTE = 0.05
LABELS_SHOWN = 6
LABELLED: tuple[Split, ...] = ("train", "select", "dev")
ODDITIES = {"empty": "no text", "duplicate": "repeated", "conflict": "other label", "leak": "held out"}
"""What `Tally` counts, and how the head of a table calls it."""

NOTES = {
    ("train", "empty"): "have no text; left out",
    ("unlabelled", "empty"): "have no text; left out",
    ("dev", "empty"): "have no text; kept, since a dev table is scored whole",
    ("train", "conflict"): "repeat an earlier row with another label; kept, but no model can get both right",
    ("dev", "conflict"): "repeat an earlier row with another label; kept, but no model can get both right",
    ("train", "leak"): "stand in the dev table too; left out, or the score would flatter",
    ("unlabelled", "leak"): "stand among the rows held out for scoring; left out",
}


@dataclass(frozen=True)
class Sanity:
    """The report on a task's tables, kept as `sanity.json`.

    Attributes:
        tables: the table of each role (`train`, `dev`, `unlabelled`) and the columns used of it.
        learnt: what the labels are taken for, and why.
        rows: of each labelled split.
        oddities: rows of each table that are `empty`, `duplicate`, `conflict` or `leak`, see `Tally`.
        balance: rows of each class, label or range of numbers in each labelled split.
        lengths: tokens of the train rows, or of the dev rows where nothing is trained.
        notes: what deserves a second look, in words.
    """

    tables: dict[str, str]
    learnt: str
    rows: dict[str, int]
    oddities: dict[str, dict[str, int]]
    balance: dict[str, dict[str, int]]
    lengths: Lengths
    notes: tuple[str, ...]

    def save(self, folder: Path) -> None:
        """Write `sanity.json` into ``folder``."""
        write_json(folder / FILE, asdict(self))

    @classmethod
    def load(cls, folder: Path) -> Sanity:
        """Read what `save` wrote."""
        values = read_json(folder / FILE)
        return cls(**(values | {"lengths": Lengths.from_json(values["lengths"]), "notes": tuple(values["notes"])}))

    def show(self) -> None:
        """Print the report."""
        for role, table in self.tables.items():
            console.say(f"{role}: {table}")
        console.say(f"learnt: {self.learnt}")
        odd = [[role, *(counts.get(what, 0) for what in ODDITIES)] for role, counts in self.oddities.items()]
        console.table("Odd rows of each table", ["", *ODDITIES.values()], odd)
        names = list(next(iter(self.balance.values())))
        shown = names if len(names) <= LABELS_SHOWN else []
        splits = [
            [split, self.rows[split], *(_share(counts[name], self.rows[split]) for name in shown)]
            for split, counts in self.balance.items()
        ]
        console.table("Rows of each split", ["", "rows", *shown], splits)
        bins = [(f"up to {end}" if end else "more", _share(n, self.lengths.rows)) for end, n in self.lengths.histogram]
        console.table("Tokens of a row", ["", "rows"], bins)
        cut = ", ".join(f"{length} tokens cut {100 * share:.1f} %" for length, share in self.lengths.cut.items())
        console.say(f"Rows too long: {cut}.")
        console.say(self.lengths.padding)
        for note in self.notes:
            console.warn(note)


def examine(
    task: Task,
    tables: dict[str, str],
    learnt: str,
    tallies: Mapping[str, Tally],
    lengths: Lengths,
    notes: Sequence[str],
) -> Sanity:
    """Put the report together.

    Args:
        task: the task; its folder holds the splits.
        tables: the table of each role in words.
        learnt: kind of task, column and why.
        tallies: what was odd in each table.
        lengths: tokens of the rows.
        notes: what mapping the labels had to say.
    """
    labelled: list[Split] = [split for split in LABELLED if task.sizes[split]]
    balance = kinds.get(task.kind).counts({split: task.rows(split).targets for split in labelled}, task.labels)
    odd = [
        f"{tallies[role].counts[what]} {role} rows {words} (the first: {tallies[role].first[what]})."
        for (role, what), words in NOTES.items()
        if role in tallies and tallies[role].counts[what]
    ]
    # Of a label without rows nothing can be learnt; a range of numbers may well be empty.
    missing = {s: [name for name in task.labels if not counts.get(name, 1)] for s, counts in balance.items()}
    gaps = [f"The split '{split}' has no row of {listed(names)}." for split, names in missing.items() if names]
    longest = max(lengths.cut)
    if lengths.cut[longest] > CUT_WORTH_A_NOTE:
        share = f"{100 * lengths.cut[longest]:.0f} %"
        gaps.append(f"{share} of the rows are longer than {longest} tokens and will be cut; --lengths can go higher.")
    return Sanity(
        tables=tables,
        learnt=learnt,
        rows={split: task.sizes[split] for split in labelled},
        oddities={role: {what: tally.counts[what] for what in ODDITIES} for role, tally in tallies.items()},
        balance=balance,
        lengths=lengths,
        notes=(*notes, *odd, *gaps),
    )


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.0f} %)"
