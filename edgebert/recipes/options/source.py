"""What the user brings, how its rows are split, and how a bare encoder becomes the teacher."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from edgebert.errors import UserError
from edgebert.recipes.options.limits import above_zero

Kind = Literal["auto", "classes", "labels", "number"]


@dataclass(frozen=True, kw_only=True)
class Source:
    """What the user brings: a checkpoint and tables. Names a run: another source is another run."""

    teacher: str | None = None
    """Checkpoint to start from, a local folder or a hub id: a fine-tuned classifier is the teacher as it is, a bare
    encoder is fine-tuned first. Without it, the encoder of the `demo` extra."""

    train: str | None = None
    """Table to train on: CSV, TSV, JSONL, Parquet, or a hub data set id. Without it, the task of the `demo` extra."""

    dev: str | None = None
    """Table to score on. Without it, one fifth of the train table, chosen by the hash of each row's text."""

    unlabelled: str | None = None
    """Table of texts without labels, to distil on; a label column in it is ignored."""

    text_column: str | None = None
    """Column of the text (or of the first of a pair), where its name is not a usual one."""

    pair_column: str | None = None
    """Column of the second text of a pair, where its name is not a usual one."""

    label_column: str | None = None
    """Column of the label, where its name is not a usual one."""

    @property
    def builtin_task(self) -> bool:
        """Whether the built-in task is meant: no table was named."""
        return self.train is None and self.dev is None

    def __post_init__(self) -> None:
        if self.unlabelled and not self.train and self.dev:
            raise UserError(
                "--unlabelled was given with --dev but without --train: there is nothing to distil on labels with.",
                "Give --train too, or leave --unlabelled out.",
            )


@dataclass(frozen=True, kw_only=True)
class DataOptions:
    """What labels mean, and how the rows are split: by the hash of the text, so duplicates stay on one side."""

    kind: Kind = "auto"
    """One of several `classes`, several `labels` a row or none, or a `number`. `auto`: as the teacher was trained, else
    as the column looks: lists are labels, many different fractions are numbers, all else is classes."""

    label_separator: str | None = None
    """What stands between several labels in a cell, `,` for example; an empty cell is a row without any. Without it a
    cell is one label, unless the table (JSONL, Parquet) holds lists."""

    dev_share: float = 0.2
    """Share of the train table that becomes the dev table when none is given."""

    select_share: float = 0.1
    """Share of the train rows kept for choosing the best checkpoint, so that dev is looked at once."""

    calibration_rows: int = 256
    """Rows of train kept for calibrating static quantisation; they are trained on too."""

    unlabelled_rows: int = 20_000
    """At most so many unlabelled texts are used, the same ones for the same table."""

    def __post_init__(self) -> None:
        if self.label_separator is not None and (not self.label_separator or self.kind in ("classes", "number")):
            raise UserError(
                f"--label-separator '{self.label_separator}' goes with several labels, not with --kind {self.kind}."
                if self.label_separator
                else "--label-separator is empty.",
                "Leave it out, or say --kind labels.",
            )
        for name in ("dev_share", "select_share"):
            if not 0 < getattr(self, name) < 1:
                raise UserError(
                    f"--{name.replace('_', '-')} {getattr(self, name)} is not between 0 and 1.", "Say 0.2, for example."
                )


@dataclass(frozen=True, kw_only=True)
class FinetuneOptions:
    """How a bare encoder becomes the teacher; a classifier is taken as it is and needs none of this."""

    epochs: int = 3
    """Passes over the train rows."""

    batch_size: int = 32
    """Rows in one step."""

    learning_rate: float = 5e-5
    """Peak learning rate, after a linear warm-up over the first tenth of the steps and before a linear decay."""

    seed: int = 0
    """Seed of the new classification head, of the order of rows and of dropout."""

    def __post_init__(self) -> None:
        above_zero(self, "epochs", "batch_size", "learning_rate")
