"""Which student, where it starts, how it learns, and of which rows."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Literal

from edgebert.errors import UserError
from edgebert.recipes.options.limits import above_zero, shares

Init = Literal["teacher", "random", "checkpoint"]
Term = Literal["embeddings", "hidden", "attention"]
Schedule = Literal["auxiliary", "joint", "progressive"]
Candidates = Literal["auto", "masked-lm", "neighbours", "lexical"]


@dataclass(frozen=True, kw_only=True)
class DistillOptions:
    """Which student, where it starts and how it learns."""

    student: str = "tinybert-4"
    """`tinybert-4`, `bert-LAYERS-WIDTH` of any size (with `-ffnN`, `-headsN`, `-relu`), `mobilebert`,
    `mobilebert-tiny` (with `-layernorm`, `-gelu`), `bilstm`, `none` to ship the teacher itself, or
    `auto`: of the students whose accuracy was measured, the one that kept most and is predicted to fit the budget on
    --device, trained as the recipe of its name says, but for options that you give."""

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

    vocabulary: int | None = None
    """Word pieces that the student keeps at most, of those that its texts use, the most frequent; special tokens and
    single characters always. Other words fall into shorter pieces. Without it, all of the teacher's."""

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
        found = {name: value for name, value in asdict(self).items() if not name.startswith(before)}
        if self.vocabulary is None:  # students of before there was this option are not trained again
            del found["vocabulary"]
        return found

    @property
    def is_auto(self) -> bool:
        """Whether the student is to be chosen by a device and a budget."""
        return self.student == "auto"

    def __post_init__(self) -> None:
        if self.is_auto and self.init == "checkpoint":
            raise UserError(
                "--init checkpoint contradicts --student auto: a checkpoint has the shape of one student.",
                "Name that --student, or leave --init out.",
            )
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
        above_zero(
            self, "epochs", "max_steps", "batch_size", "learning_rate", "intermediate_learning_rate", "temperature",
            "augment_copies", "mlm_epochs", "mlm_steps", "vocabulary",
        )  # fmt: skip

    def _check_augmentation(self) -> None:
        if self.augment != "none" and self.student == "none":
            raise UserError(
                f"--augment {self.augment} contradicts --student none: there is nobody to learn from more rows.",
                "Leave one of the two out.",
            )
        if self.word_vectors and self.candidates == "lexical":
            raise UserError("--word-vectors contradicts --candidates lexical.", "Leave one of the two out.")
        shares(self, "augment_replace", "augment_mask", "augment_swap", "augment_ngram")
        if self.augment_mask + self.augment_swap > 1:
            raise UserError(
                f"--augment-mask {self.augment_mask} and --augment-swap {self.augment_swap} are above 1 together.",
                "A word is masked, or swapped, or neither.",
            )
        if self.mlm_layers < 0:
            raise UserError(f"--mlm-layers {self.mlm_layers} is below 0.", "0 leaves the encoder as it is.")
