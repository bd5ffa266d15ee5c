"""Every option of every stage, once: the command line, the recipe files and Python share these fields.

The text under a field is its help on the command line. A default here is the recommendation; a recipe file
changes what it names, an option on the command line wins over both.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Literal

from edgebert import registry
from edgebert.errors import UserError

Format = Literal["onnx", "tflite"]
Kind = Literal["auto", "classes", "labels", "number"]
Isa = Literal["arm", "vnni", "avx2"]
Layout = Literal["files", "signatures"]
Init = Literal["teacher", "random", "checkpoint"]
Term = Literal["embeddings", "hidden", "attention"]
Schedule = Literal["auxiliary", "joint", "progressive"]
Candidates = Literal["auto", "masked-lm", "neighbours", "lexical"]


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
    """`logits` (soft labels alone), `logits-mse` (the logits themselves), `hidden` (soft labels and hidden states
    through projections), `tinybert` (embeddings, hidden states and attention first, then soft labels), or `mobilebert`
    (feature maps and attention distributions, then soft labels)."""

    layer_map: str = "uniform"
    """The teacher layer that each student layer starts from and answers to: `uniform`, `top`, `bottom`, or a list
    counted from 1, as `3,6,9,12`."""

    epochs: float = 2
    """Passes over labelled, unlabelled and augmented rows together; those that compare logits, where a method has other
    phases."""

    intermediate_epochs: float = 2
    """Passes of the phases before, of `tinybert` and `mobilebert`, which compare what is inside."""

    general_epochs: float = 0
    """Passes over the unlabelled rows before all that, with the encoder that the teacher was fine-tuned from as
    teacher; for methods with a phase that compares what is inside alone."""

    max_steps: int | None = None
    """Stop after so many steps, whatever the epochs; phases keep their shares. General passes are not counted."""

    batch_size: int = 32
    """Rows in one step."""

    learning_rate: float = 2e-4
    """Peak learning rate, after a linear warm-up over the first tenth of the steps and before a linear decay."""

    intermediate_learning_rate: float = 2e-4
    """The same, of the phases that compare what is inside."""

    tinybert_terms: tuple[Term, ...] = ("embeddings", "hidden", "attention")
    """What `tinybert` compares inside."""

    schedule: Schedule = "progressive"
    """How `mobilebert` compares what is inside: together with the logits, all layers before them, or layer by layer."""

    temperature: float = 2.0
    """Temperature of the soft labels."""

    hard_label_share: float = 0.1
    """Share of the loss that the gold labels have on rows that carry one; the rest is the teacher's."""

    hidden_weight: float = 1.0
    """Weight of the hidden-state loss beside the logits loss, for methods that have one."""

    feature_cache_mb: int = 1024
    """Hidden states and attention scores of the teacher are kept on disk where they fit this many MB, else computed
    again at every step."""

    seed: int = 0
    """Seed of everything random in the student: new weights, order of rows, dropout; and of augmented rows."""

    augment: str = "none"
    """More rows to learn from, made of the train rows and labelled by the teacher: `tinybert` (words replaced by
    candidates), `tang` (words masked or swapped, n-grams), or `none`."""

    augment_copies: int = 20
    """Passes over the train rows; each makes at most one new text of a row."""

    candidates: Candidates = "auto"
    """`--augment tinybert`: words to replace one with come from a masked language model (the checkpoint's own, else a
    head is fitted), from the nearest word embeddings, or from words used alike in your texts. `auto`: the first of them
    that is there without fitting."""

    word_vectors: str | None = None
    """`--augment tinybert`: text file of word vectors such as GloVe's, for the nearest words."""

    augment_replace: float = 0.4
    """`--augment tinybert`: probability that a word with candidates is replaced."""

    augment_mask: float = 0.1
    """`--augment tang`: probability that a word is hidden behind the mask token."""

    augment_swap: float = 0.1
    """`--augment tang`: probability that a word is swapped for one used alike."""

    augment_ngram: float = 0.25
    """`--augment tang`: probability that of a text only one to five neighbouring words are kept."""

    mlm_epochs: float = 1
    """Passes over the train and unlabelled texts to fit a masked-LM head, for `--candidates masked-lm`."""

    mlm_layers: int = 3
    """So many of the last encoder layers learn with that head, in a copy: those of a sentence encoder have forgotten
    the single words. 0 leaves the encoder as it is."""

    mlm_steps: int | None = None
    """Stop fitting that head after so many steps, whatever the epochs."""

    @property
    def training(self) -> dict[str, Any]:
        """The options that the student's training reads; those of augmentation reach it through the rows alone."""
        before = ("augment", "candidates", "word_vectors", "mlm_")
        return {name: value for name, value in asdict(self).items() if not name.startswith(before)}

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
        for name in ("intermediate_epochs", "general_epochs"):
            if getattr(self, name) < 0:
                raise UserError(
                    f"--{name.replace('_', '-')} {getattr(self, name)} is below 0.", "0 leaves that phase out."
                )
        if not re.fullmatch(r"uniform|top|bottom|[1-9]\d*(,[1-9]\d*)*", self.layer_map):
            raise UserError(
                f"--layer-map {self.layer_map}: there is no such map.",
                "There are: uniform, top, bottom; or name teacher layers from 1, as in 3,6,9,12.",
            )
        self._check_augmentation()
        _above_zero(
            self, "epochs", "max_steps", "batch_size", "learning_rate", "intermediate_learning_rate", "temperature",
            "augment_copies", "mlm_epochs", "mlm_steps",
        )  # fmt: skip

    def _check_augmentation(self) -> None:
        if self.augment != "none" and self.student == "none":
            raise UserError(
                f"--augment {self.augment} contradicts --student none: there is nobody to learn from more rows.",
                "Leave one of the two out.",
            )
        if self.word_vectors and self.candidates == "lexical":
            raise UserError("--word-vectors contradicts --candidates lexical.", "Leave one of the two out.")
        _shares(self, "augment_replace", "augment_mask", "augment_swap", "augment_ngram")
        if self.augment_mask + self.augment_swap > 1:
            raise UserError(
                f"--augment-mask {self.augment_mask} and --augment-swap {self.augment_swap} are above 1 together.",
                "A word is masked, or swapped, or neither.",
            )
        if self.mlm_layers < 0:
            raise UserError(f"--mlm-layers {self.mlm_layers} is below 0.", "0 leaves the encoder as it is.")


@dataclass(frozen=True, kw_only=True)
class ConvertOptions:
    """Which files are made."""

    formats: tuple[Format, ...] = ("onnx", "tflite")
    """File formats."""

    lengths: tuple[int, ...] = (32, 64, 128)
    """Token lengths of the TFLite files; texts are cut at the longest, in training too. ONNX takes any length."""

    tflite_layout: Layout = "files"
    """TFLite: a file for each length (`files`), or one with a signature for each, sharing weights (`signatures`)."""

    output: Literal["logits", "probabilities"] = "logits"
    """What the files give back: `probabilities` are a softmax of classes, a sigmoid of each of several labels; a number
    has none, its one logit is the number itself."""

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

    schemes: tuple[str, ...] = ("fp32", "int8")
    """Precisions to ship: `fp32`, `fp16`, `int8` (scaled at run time), `int8-static` (scaled by calibration),
    `int8-tensor` and `int8-weights` (TFLite, also for runtimes as old as 2.14). fp32 files are always made, as the
    reference; they are left out of the bundle when not named here."""

    isa: Isa = "arm"
    """Instruction set that int8 ONNX files are for: `arm` and `vnni` multiply 8-bit integers exactly; `avx2` (x86
    without VNNI) saturates, so weights keep to 7 bits."""

    max_loss: float = 1.0
    """Points (of 100) of the metric that a quantised file may lose on held-out train rows. Beyond, its worst layers
    stay in float32; where that is not enough, a safer precision takes its place, and the report says so."""

    def __post_init__(self) -> None:
        known = ["fp32", *registry.names("quantize/schemes")]
        for name in self.schemes:
            if name not in known:
                raise registry.unknown("--schemes", name, known)

    @property
    def smaller(self) -> tuple[str, ...]:
        """The precisions that are made of the fp32 files, each once."""
        return tuple(dict.fromkeys(scheme for scheme in self.schemes if scheme != "fp32"))


@dataclass(frozen=True, kw_only=True)
class VerifyOptions:
    """Where files are run, and when one is good enough."""

    runtimes: tuple[str, ...] = ("ort", "litert")
    """Runtimes that every file is checked in: `ort`, `litert`, `tf`, `tflite-runtime`. The first that reads a format
    decides whether a file ships; one that is wrong in a later one is refused for that one."""

    max_drop: float = 1.0
    """Points (of 100) of the task's metric that an int8 file may lose against the student."""

    fp16_max_drop: float = 0.2
    """Likewise, an fp16 file."""

    fp32_tolerance: float = 1e-4
    """Largest difference between an fp32 file and the student on any row: of a probability, or of a number in standard
    deviations of the dev column."""


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


@dataclass(frozen=True, kw_only=True)
class BudgetOptions:
    """What an app can afford.

    When no file that passed its gate fits, the exit code is 1: everything is written all the same, but nothing is
    copied into an Android project.
    """

    budget_ms: float | None = None
    """Milliseconds that a call may take on this machine, without tokenising. Where no file fits, the exit code is 1:
    everything is written all the same, but nothing is copied into an Android project."""

    budget_mb: float | None = None
    """Megabytes (millions of bytes) that a file may have; files used by length count together."""

    budget_percentile: Literal[50, 90, 99] = 90
    """Percentile of the calls' times that the budget is for: 90 means that nine calls in ten are faster."""

    budget_threads: int = 1
    """Threads that the budget is for: 1, or all cores of the machine that timed the files."""

    budget_length: int | None = None
    """Tokens that the budget is for, each file padding to the next length it takes. Without it, the dev rows' own
    lengths, where files of several lengths were timed so."""

    @property
    def given(self) -> bool:
        """Whether there is a budget at all."""
        return self.budget_ms is not None or self.budget_mb is not None

    def __post_init__(self) -> None:
        _above_zero(self, "budget_ms", "budget_mb", "budget_threads", "budget_length")
        if self.budget_percentile not in (50, 90, 99):
            raise UserError(f"--budget-percentile {self.budget_percentile} is not kept.", "Say 50, 90 or 99.")


def _shares(options: object, *names: str) -> None:
    for name in names:
        if not 0 <= getattr(options, name) <= 1:
            raise UserError(
                f"--{name.replace('_', '-')} {getattr(options, name)} is not between 0 and 1.", "0 switches it off."
            )


def _above_zero(options: object, *names: str) -> None:
    for name in names:
        value = getattr(options, name)
        if value is not None and not value > 0:
            raise UserError(f"--{name.replace('_', '-')} {value} is not above 0.", "Give a number above 0.")
