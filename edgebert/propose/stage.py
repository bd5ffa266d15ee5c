"""The proposing stage: each student's int8 file, untrained, and what is predicted of it.

A time does not depend on the values of weights, so the students have random ones, in the shapes that the teacher's
vocabulary and the run's lengths give them.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

from device_profiles import Device
from edgebert import console, quantize, runtimes, students
from edgebert.convert import write_files
from edgebert.errors import GateError, UserError
from edgebert.files import read_json, write_json
from edgebert.memory import release
from edgebert.profile.costs.coefficients import coefficients_of
from edgebert.profile.predict import predict
from edgebert.propose.proposal import Candidate, Proposal
from edgebert.propose.retention import Retention
from edgebert.recipes.options import ConvertOptions, DistillOptions, Format, QuantizeOptions
from edgebert.store import SCRATCH
from edgebert.tasks import kinds
from edgebert.tasks.task import Task


def propose(
    teacher: Path, task: Task, candidates: Mapping[Retention, DistillOptions], convert: ConvertOptions,
    name: str, device: Device, threads: int, length: int, work: Path,
) -> Proposal:  # fmt: skip
    """Predict every candidate and write `proposal.json` into ``work``.

    Args:
        teacher: checkpoint folder of the fine-tuned teacher.
        task: what is learnt.
        candidates: what each kept elsewhere, and how it would be trained here.
        convert: the run's formats and lengths. Files for LiteRT are predicted where there are any, else ONNX.
        name: of the device, as the user gave it.
        device: its profile.
        threads: of the engine.
        length: tokens, one of the run's lengths.
        work: the stage's folder; a killed call goes on in it.
    """
    format: Format = "tflite" if "tflite" in convert.file_formats else "onnx"
    options = replace(convert, formats=(format,))
    engine = runtimes.USUAL[format]

    def one(retention: Retention, distill: DistillOptions, folder: Path) -> Candidate:
        candidate = Candidate(student=distill.student, retention=retention)
        try:
            students.check_start(distill, teacher)
            model = students.architecture(distill.student).build(
                distill.student, students.Context(teacher, task.labels, task.has_pair)
            )
        except UserError as error:  # the user did not ask for this one: the others may do
            return replace(candidate, refused=error.what)
        probability = kinds.get(task.kind).PROBABILITY
        write_files(model, distill.student, len(task.labels), options, folder / "fp32", probability)
        del model
        release()
        files = quantize.quantize(folder / "fp32", QuantizeOptions(schemes=("int8",)), folder / "int8")
        path = next(folder / "int8" / file.path for file in files if not file.lengths or length in file.lengths)
        candidate = replace(candidate, bytes=sum(file.bytes for file in files))
        try:
            found = predict(path, device, engine=engine, threads=threads, length=length)
        except GateError as error:
            return replace(candidate, refused=error.what)
        return replace(candidate, ms=found.ms, low_ms=found.low_ms, high_ms=found.high_ms)

    rests_on = coefficients_of(device, engine).rests_on
    made = []
    for retention, distill in console.track(list(candidates.items()), f"predicting students for {device.name}"):
        folder = work / SCRATCH / distill.student
        done = folder.with_suffix(".json")
        if not done.is_file():
            write_json(done, asdict(one(retention, distill, folder)))
            shutil.rmtree(folder, ignore_errors=True)
        made.append(Candidate(**read_json(done) | {"retention": retention}))
    proposal = Proposal(
        device=name, threads=threads, length=length, format=format, rests_on=rests_on, candidates=tuple(made)
    )
    proposal.save(work)
    return proposal
