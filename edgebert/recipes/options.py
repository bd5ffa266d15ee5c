"""Every option of every stage, once: the command line, the recipe files and Python share these fields.

The text under a field is its help on the command line. A default here is the recommendation; a recipe file
changes what it names, an option on the command line wins over both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from edgebert.errors import UserError

Format = Literal["onnx", "tflite"]
Scheme = Literal["fp32", "int8"]
Init = Literal["teacher", "random", "checkpoint"]


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
    """How the rows are split. Every split is by the hash of the text, so duplicates stay on one side."""

    dev_share: float = 0.2
    """Share of the train table that becomes the dev table when none is given."""

    select_share: float = 0.1
    """Share of the train rows kept for choosing the best checkpoint, so that dev is looked at once."""

    calibration_rows: int = 256
    """Rows of train kept for calibrating static quantisation; they are trained on too."""

    unlabelled_rows: int = 20_000
    """At most so many unlabelled texts are used, the same ones for the same table."""

    def __post_init__(self) -> None:
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
        _above_zero(self, "epochs", "batch_size", "learning_rate")


@dataclass(frozen=True, kw_only=True)
class DistillOptions:
    """Which student, where it starts and how it learns."""

    student: str = "tinybert-4"
    """`tinybert-4`, `bert-LAYERS-WIDTH` of any size, `mobilebert`, `mobilebert-tiny` (with `-layernorm`, `-gelu`),
    `bilstm`, or `none` to ship the teacher itself."""

    init: Init = "teacher"
    """Where the student starts: from what it can take of the teacher's own weights, random, or a checkpoint."""

    init_checkpoint: str | None = None
    """Checkpoint of the student's own shape to start from; goes with `--init checkpoint`."""

    method: str = "hidden"
    """`logits` (soft labels alone) or `hidden` (soft labels and hidden states through projections)."""

    epochs: float = 2
    """Passes over labelled and unlabelled rows together."""

    max_steps: int | None = None
    """Stop after so many steps, whatever the epochs."""

    batch_size: int = 32
    """Rows in one step."""

    learning_rate: float = 2e-4
    """Peak learning rate, after a linear warm-up over the first tenth of the steps and before a linear decay."""

    temperature: float = 2.0
    """Temperature of the soft labels."""

    hard_label_share: float = 0.1
    """Share of the loss that the gold labels have on rows that carry one; the rest is the teacher's."""

    hidden_weight: float = 1.0
    """Weight of the hidden-state loss beside the logits loss, for methods that have one."""

    feature_cache_mb: int = 1024
    """Teacher hidden states are kept on disk where they fit this many MB, else computed again at every step."""

    seed: int = 0
    """Seed of everything random in the student: new weights, order of rows, dropout."""

    def __post_init__(self) -> None:
        if self.init_checkpoint and self.init != "checkpoint":
            raise UserError(
                f"--init-checkpoint {self.init_checkpoint} contradicts --init {self.init}.",
                "Leave one of the two out, or say --init checkpoint.",
            )
        if self.init == "checkpoint" and not self.init_checkpoint:
            raise UserError("--init checkpoint needs --init-checkpoint.", "Name the folder to start from.")
        if not 0 <= self.hard_label_share <= 1:
            raise UserError(
                f"--hard-label-share {self.hard_label_share} is not between 0 and 1.",
                "0 is the teacher's labels alone.",
            )
        _above_zero(self, "epochs", "max_steps", "batch_size", "learning_rate", "temperature")


@dataclass(frozen=True, kw_only=True)
class ConvertOptions:
    """Which files are made."""

    formats: tuple[Format, ...] = ("onnx", "tflite")
    """File formats."""

    lengths: tuple[int, ...] = (32, 64, 128)
    """Token lengths: one TFLite file each; texts are cut at the longest, in training too. ONNX takes any length."""

    output: Literal["logits", "probabilities"] = "logits"
    """What the files give back."""

    def __post_init__(self) -> None:
        if not self.lengths or min(self.lengths) < 4 or len(set(self.lengths)) != len(self.lengths):
            raise UserError(
                f"--lengths {' '.join(map(str, self.lengths))}: lengths are different numbers of at least 4 tokens.",
                "For example: --lengths 32 64 128",
            )
        object.__setattr__(self, "lengths", tuple(sorted(self.lengths)))

    @property
    def max_length(self) -> int:
        """Where texts are cut: the longest of the lengths, in tokens."""
        return self.lengths[-1]


@dataclass(frozen=True, kw_only=True)
class QuantizeOptions:
    """Which smaller files are made of the fp32 ones."""

    schemes: tuple[Scheme, ...] = ("fp32", "int8")
    """Precisions to ship. fp32 files are always made, as the reference; they are left out of the bundle when not
    named here."""


@dataclass(frozen=True, kw_only=True)
class VerifyOptions:
    """When a file is good enough."""

    max_drop: float = 1.0
    """Points (of 100) of the task's metric that a quantised file may lose against the student."""

    fp32_tolerance: float = 1e-4
    """Largest difference of a probability between an fp32 file and the student, on any row."""


@dataclass(frozen=True, kw_only=True)
class ProfileOptions:
    """How the files are timed on this machine."""

    timed_calls: int = 60
    """Timed calls of each file at each setting, after warm-up."""

    timed_rows: int = 200
    """Dev rows timed at their own lengths, each once."""

    baselines: bool = True
    """Time the teacher and a BERT-base of random weights beside the student."""

    def __post_init__(self) -> None:
        _above_zero(self, "timed_calls", "timed_rows")


def _above_zero(options: object, *names: str) -> None:
    for name in names:
        value = getattr(options, name)
        if value is not None and not value > 0:
            raise UserError(f"--{name.replace('_', '-')} {value} is not above 0.", "Give a number above 0.")
