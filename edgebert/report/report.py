"""The report: what the stages of a run found, in one object."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from converters.artefact import Artefact
from edgebert.augment.result import Augmented
from edgebert.errors import UserError
from edgebert.files import read_json, write_json
from edgebert.models.masked_lm_scores import MaskedLMScores
from edgebert.models.scores import ModelScores
from edgebert.profile.latency import Latency
from edgebert.profile.operators import OperatorTimes
from edgebert.profile.phone import PhoneLatencies
from edgebert.profile.prediction import Prediction
from edgebert.propose.proposal import Proposal
from edgebert.quantize.choice import Choice
from edgebert.report.codec import decode
from edgebert.tasks.mediapipe import Splits
from edgebert.tasks.sanity import Sanity
from edgebert.verify.interval import Kept
from edgebert.verify.scores import FileScore, Scores
from edgebert.verify.text_input import Agreement

SCHEMA = 1
FILE = "report.json"


@dataclass(frozen=True, kw_only=True)
class TaskFacts:
    """What was learnt.

    Attributes:
        name: of the task.
        kind: of task: what logits mean and how they are scored.
        labels: names in the order of the logits.
        has_pair: whether a row is a pair of texts.
        sizes: rows of each split.
    """

    name: str
    kind: str
    labels: tuple[str, ...]
    has_pair: bool
    sizes: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class StageRecord:
    """How a stage was made.

    Attributes:
        name: the stage's folder.
        seconds: its last, finishing call took; earlier calls that were killed are not in it.
        versions: of Python and the libraries at hand.
        revision: git revision of edgebert, where it ran from a checkout.
        machine: processor, cores, system.
    """

    name: str
    seconds: float
    versions: dict[str, str]
    revision: str | None
    machine: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Speedup:
    """How many times faster a student's file is than a baseline's: same engine, threads, lengths and rows, one run.

    Attributes:
        files: the student's file, or its set of files used by length.
        format: of both.
        scheme: of the student's files.
        against: the baseline, "teacher" or "bert-base".
        against_scheme: precision of the baseline's file.
        engine: of both.
        threads: of both.
        at: "length" (every row at full length) or "rows" (the dev rows' own lengths).
        length: tokens; None at "rows".
        ratio: the baseline's p50 over the student's.
    """

    files: tuple[str, ...]
    format: str
    scheme: str
    against: str
    against_scheme: str
    engine: str
    threads: int
    at: str
    length: int | None
    ratio: float


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that is known of a run. What a stage did not find yet is None or empty; nothing is estimated.

    `report.json` is this object: the names of the fields, and below them those of the dataclasses named here; beside
    them `retention`, and `rejected`: for each file or set that failed a gate its `files` and the `reasons`.

    Attributes:
        schema: version of the shape of `report.json`.
        student_name: what was asked for: a student's name, or "none" for the teacher itself.
        source: what the user brought, see `edgebert.recipes.options.Source`.
        recipe: the options of all stages in force when the report was built, one table a stage.
        task: what was learnt, see `TaskFacts`.
        sanity: what was seen of the rows before training, see `edgebert.tasks.sanity.Sanity`.
        teacher: size and scores, PyTorch fp32, see `edgebert.models.scores.ModelScores`.
        student: likewise.
        files: the student's files of all precisions, see `converters.artefact.Artefact`.
        choices: what became of the precisions asked for, see `edgebert.quantize.choice.Choice`.
        scores: what each file answers, and whether it passed, see `edgebert.verify.scores.Scores`.
        latencies: of the student's files and of baselines, see `edgebert.profile.latency.Latency`.
        speedups: the student's latencies against those of baselines, see `Speedup`.
        operators: time by operator of one file an engine, see `edgebert.profile.operators.OperatorTimes`.
        dev_sha256: digest of the file of dev rows: scores of other rows are not put into one ranking.
        stages: how each stage was made, see `StageRecord`.
        phones: what phones measured, see `edgebert.profile.phone.PhoneLatencies`; files that were made anew since are
            left out.
        predictions: of the student's files for a device that is not at hand, see `edgebert.profile.prediction`.
        unpredicted: why files have none.
        proposal: the students that `--student auto` chose from, see `edgebert.propose.proposal`.
        masked_lm: the masked language model that gave candidates, see `edgebert.models.masked_lm_scores`.
        augmented: rows made of the train rows, see `edgebert.augment.result`.
        mediapipe: dev texts that MediaPipe reads otherwise, where files are for it, see `edgebert.tasks.mediapipe`.
        text_input: dev texts that the tokenizer in the graph splits otherwise, see `edgebert.verify.text_input`.
    """

    schema: int = SCHEMA
    student_name: str
    source: dict[str, str | None]
    recipe: dict[str, dict[str, Any]]
    task: TaskFacts | None = None
    sanity: Sanity | None = None
    teacher: ModelScores | None = None
    student: ModelScores | None = None
    files: tuple[Artefact, ...] = ()
    choices: tuple[Choice, ...] = ()
    scores: Scores | None = None
    latencies: tuple[Latency, ...] = ()
    speedups: tuple[Speedup, ...] = ()
    operators: tuple[OperatorTimes, ...] = ()
    dev_sha256: str | None = None
    stages: tuple[StageRecord, ...] = ()
    phones: tuple[PhoneLatencies, ...] = ()
    predictions: tuple[Prediction, ...] = ()
    unpredicted: tuple[str, ...] = ()
    proposal: Proposal | None = None
    masked_lm: MaskedLMScores | None = None
    augmented: Augmented | None = None
    mediapipe: Splits | None = None
    text_input: Agreement | None = None

    @property
    def retention(self) -> float | None:
        """Percent of the teacher's dev score that the student keeps, in PyTorch; None where either is not known."""
        if not (self.teacher and self.student and self.teacher.dev and self.student.dev is not None):
            return None
        return 100 * self.student.dev / self.teacher.dev

    @property
    def kept(self) -> Kept | None:
        """`retention` with its interval, once the files are verified."""
        return self.scores.kept_of_teacher if self.scores else None

    @property
    def rejected(self) -> tuple[FileScore, ...]:
        """Files, and sets of files, that failed a gate."""
        return self.scores.rejected if self.scores else ()

    @property
    def failing(self) -> frozenset[str]:
        """Names of files that failed, themselves or with their set."""
        return frozenset(name for score in self.rejected for name in score.files)

    @property
    def shipped(self) -> tuple[Artefact, ...]:
        """Files of the precisions asked for that passed, and whose set passed as a whole."""
        if self.scores is None:
            return ()
        # Smaller files are made where they were asked for, or take the place of such.
        wanted = (file for file in self.files if file.scheme != "fp32" or "fp32" in self.recipe["quantize"]["schemes"])
        return tuple(file for file in wanted if file.path not in self.failing)

    def stage(self, name: str) -> StageRecord | None:
        """How a stage was made; None if it was not."""
        return next((stage for stage in self.stages if stage.name == name), None)

    def write(self, folder: Path) -> None:
        """Write `report.json`, `report.md` and `report.html` into ``folder``, each at once."""
        from edgebert.report import html, markdown

        rejected = [{"files": score.files, "reasons": score.reasons} for score in self.rejected]
        write_json(folder / FILE, {**asdict(self), "retention": self.retention, "rejected": rejected})
        markdown.write(self, folder / markdown.FILE)
        html.write(self, folder / html.FILE)

    @classmethod
    def load(cls, path: Path) -> Report:
        """Read a `report.json`.

        Args:
            path: the file, or the folder that `write` left it in.

        Raises:
            UserError: if there is none, it is of another schema, or it is no report.
        """
        file = path / FILE if path.is_dir() else path
        try:
            values = read_json(file)
            schema = values["schema"]
            if schema == SCHEMA:
                return decode(cls, values)
        except OSError as error:
            raise UserError(
                f"{path} has no report: {file} cannot be read ({error.strerror}).",
                "Name a run folder or a report.json; edgebert report RUN writes one.",
            ) from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise UserError(
                f"{file} is no report of edgebert: {error!r}.", "Write it again: edgebert report"
            ) from error
        raise UserError(
            f"{file} has the schema {schema}; this edgebert reads {SCHEMA}.",
            "Read it with the edgebert that wrote it, or run: edgebert report",
        )
