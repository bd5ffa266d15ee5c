"""From the folders that the stages left to a report."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from pathlib import Path

from converters.artefact import Artefact, load_list
from edgebert import augment, stages
from edgebert.augment.result import Augmented
from edgebert.errors import UserError
from edgebert.files import read_json
from edgebert.models.masked_lm_scores import MaskedLMScores
from edgebert.models.scores import ModelScores
from edgebert.profile import predicted
from edgebert.profile.latency import Latencies, Latency
from edgebert.profile.operators import OperatorTimes
from edgebert.profile.operators import load as load_operators
from edgebert.profile.phone import FILE as PHONE_FILE
from edgebert.profile.phone import PhoneLatencies
from edgebert.profile.prediction import Prediction
from edgebert.propose.proposal import Proposal
from edgebert.quantize.choice import load_choices
from edgebert.report.codec import decode
from edgebert.report.report import Report, Speedup, StageRecord, TaskFacts
from edgebert.run import PHONES, Run, open_run
from edgebert.store import read_stamp
from edgebert.tasks.mediapipe import Splits
from edgebert.tasks.sanity import Sanity
from edgebert.tasks.task import Task
from edgebert.verify.scores import Scores
from edgebert.verify.text_input import Agreement

STAGES = tuple(stages.STAGES)
STAMPED = ("seconds", "versions", "revision", "machine")
BASELINES = ("teacher", "bert-base")


def build(run_folder: Path, until: str = STAGES[-1]) -> Report:
    """The report of the stages that are finished.

    Args:
        run_folder: of the run.
        until: the last stage to look at: those after it may still be of earlier settings.

    Raises:
        UserError: if ``run_folder`` is no run, or its files are others than those that were verified.
    """
    run = open_run(run_folder)
    looked_at = [name for name in STAGES[: STAGES.index(until) + 1] if name not in _not_asked(run)]
    records = {name: record for name in looked_at if (record := _record(run_folder / name))}
    task = Task.load(run_folder / "task") if "task" in records else None
    files = [file for name in ("converted", "quantized") if name in records for file in load_list(run_folder / name)]
    scores = Scores.load(run_folder / "verified" / "scores.json") if "verified" in records else None
    if scores:
        _check_same_files(files, scores, run_folder)
    latencies: tuple[Latency, ...] = ()
    operators: tuple[OperatorTimes, ...] = ()
    if "profiled" in records:
        latencies = Latencies.load(run_folder / "profiled" / "latency.json").latencies
        operators = tuple(load_operators(run_folder / "profiled"))
    return Report(
        student_name=run.recipe.distill.student,
        source=asdict(run.source),
        recipe={
            stage: {name: list(value) if isinstance(value, tuple) else value for name, value in options.items()}
            for stage, options in run.recipe.to_tables().items()
        },
        task=TaskFacts(**{field.name: getattr(task, field.name) for field in fields(TaskFacts)}) if task else None,
        sanity=Sanity.load(run_folder / "task") if task else None,
        teacher=ModelScores.load(run_folder / "teacher") if "teacher" in records else None,
        student=ModelScores.load(run_folder / "student") if "student" in records else None,
        files=tuple(files),
        choices=load_choices(run_folder / "quantized") if "quantized" in records else (),
        scores=scores,
        latencies=latencies,
        operators=operators,
        speedups=speedups(latencies, own_model=run.recipe.distill.student == "none"),
        phones=_phones(run_folder, files),
        predictions=_predictions(run_folder, files) if "predicted" in records else (),
        unpredicted=tuple(predicted.refused(run_folder / "predicted")) if "predicted" in records else (),
        dev_sha256=_output_digest(run_folder / "task", "dev.arrow"),
        stages=tuple(records.values()),
        proposal=_proposal(run) if "proposed" in records else None,
        masked_lm=MaskedLMScores.load(run_folder / "mlm") if "mlm" in records else None,
        augmented=Augmented.load(run_folder / "augmented") if "augmented" in records else None,
        mediapipe=Splits.load(run_folder / "converted") if "converted" in records else None,
        text_input=Agreement.load(run_folder / "converted") if "converted" in records else None,
    )


def speedups(latencies: tuple[Latency, ...], own_model: bool = False) -> tuple[Speedup, ...]:
    """Each of the student's latencies against every baseline measured under the same conditions.

    Args:
        latencies: of one run.
        own_model: whether the student is the teacher itself, so that its fp32 files are the teacher's.
    """
    baselines = [one for one in latencies if one.model in BASELINES]
    if own_model:
        baselines += [
            replace(one, model="teacher") for one in latencies if (one.model, one.scheme) == ("student", "fp32")
        ]
    return tuple(
        Speedup(
            files=own.files,
            format=own.format,
            scheme=own.scheme,
            against=base.model,
            against_scheme=base.scheme,
            engine=own.conditions.engine,
            threads=own.conditions.threads,
            at=own.at,
            length=own.conditions.length,
            ratio=base.p50_ms / own.p50_ms,
        )
        for own in latencies
        if own.model == "student"
        for base in baselines
        if _same_conditions(own, base) and replace(base, model="student") != own
    )


def _same_conditions(own: Latency, base: Latency) -> bool:
    def key(one: Latency) -> tuple[object, ...]:
        c = one.conditions
        return (one.basis, one.at, c.engine, c.engine_version, c.threads, c.length, c.batch, c.processor, c.cores)

    return key(own) == key(base)


def _phones(run_folder: Path, files: list[Artefact]) -> tuple[PhoneLatencies, ...]:
    """What phones measured of the files as they are now."""
    made = {(file.path, file.sha256) for file in files}
    found = []
    for folder in sorted((run_folder / PHONES).glob("[!.]*")):
        phone = decode(PhoneLatencies, read_json(folder / PHONE_FILE))
        latencies = tuple(one for one in phone.latencies if (one.file, one.sha256) in made)
        found += [replace(phone, latencies=latencies)] if latencies else []
    return tuple(found)


def _predictions(run_folder: Path, files: list[Artefact]) -> tuple[Prediction, ...]:
    """What is predicted of the files as they are now."""
    made = {(file.path, file.sha256) for file in files}
    return tuple(one for one in predicted.load(run_folder / "predicted") if (one.file, one.sha256) in made)


def _proposal(run: Run) -> Proposal | None:
    """The students to choose from for the device that the run has now, where there is a budget to choose by."""
    found, options = Proposal.load(run / "proposed"), run.recipe.predict
    same = (found.device, found.threads) == (options.device, options.threads)
    return found if same and run.recipe.budget.given else None


def _not_asked(run: Run) -> tuple[str, ...]:
    """Stages whose folders, where there are any, are of earlier options."""
    options, unasked = run.recipe.distill, () if run.recipe.predict.device else ("proposed", "predicted")
    if options.augment == "none":
        return ("mlm", "augmented", *unasked)
    return unasked if augment.way(options.augment).candidates(options) in ("auto", "masked-lm") else ("mlm", *unasked)


def _record(folder: Path) -> StageRecord | None:
    stamp = read_stamp(folder)
    if stamp is None:
        return None
    return StageRecord(name=folder.name, **{name: stamp[name] for name in STAMPED})


def _output_digest(folder: Path, name: str) -> str | None:
    stamp = read_stamp(folder)
    return stamp["outputs"].get(name) if stamp else None


def _check_same_files(files: list[Artefact], scores: Scores, run_folder: Path) -> None:
    # A file that was changed before it was verified is rejected for it; the report has to say so.
    made = {file.path: file.sha256 for file in files}
    verified = {
        score.file: score.sha256 if score.passed else made.get(str(score.file))
        for score in scores.files
        if score.decides
    }
    if verified != made:
        raise UserError(
            f"The files in {run_folder} are not those that were verified.", f"Run: edgebert verify {run_folder}"
        )
