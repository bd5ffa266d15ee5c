"""Every student on one task: what it keeps of its teacher, and what each of its files answers in every runtime.

Each seed has a teacher of its own; its students learn from it with the recipe of their name. A second table (`--also`)
is scored too, by the same files: a test table that nothing was chosen on.
Run: python -m benchmarks.students                                            (the built-in task)
     python -m benchmarks.students --data MRPC --teacher gte-small --also test_labelled.tsv --seeds 0 1 2
"""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmarks import kept, results, script
from benchmarks.elsewhere import elsewhere
from edgebert import pipeline, recipes
from edgebert.errors import GateError
from edgebert.recipes import Recipe
from edgebert.recipes.options import Source
from edgebert.report import Report, build
from edgebert.tasks.builtin import NAME
from edgebert.verify.scores import FileScore, Scores

STUDENTS = ("tinybert-4", "bert-6-384", "mobilebert", "bilstm")
"""Names of recipes."""
SCHEMES = ("fp32", "fp16", "int8", "int8-static", "int8-tensor")
FEWER = ("fp32", "int8")
"""What is made of the students of every seed but the first."""
OLDEST = "int8-tensor"
"""The int8 that runtimes of 2023 answer right; `LARGE` students get it and `FEWER`."""
LARGE = ("mobilebert",)
"""Students whose files take long to score: 24 layers, row after row, in every runtime."""
RUNTIMES = ("ort", "litert", "tf", "tflite-runtime")
DECIDING = ("ort", "litert")
"""The runtimes that decide whether a file ships."""


def main(
    *,
    data: Path | None = None,
    teacher: str | None = None,
    unlabelled: str | None = None,
    also: str | None = None,
    name: str | None = None,
    students: tuple[str, ...] = STUDENTS,
    seeds: tuple[int, ...] = (0,),
    length: int = 64,
    teacher_epochs: int = 3,
    epochs: float | None = None,
    slow: tuple[str, ...] = ("mobilebert",),
    slow_steps: tuple[int, ...] = (300,),
    runtimes: tuple[str, ...] = RUNTIMES,
    work: Path = results.WORK / "students",
    results_in: Path = results.FOLDER,
) -> None:
    """Train, export and score the students of each seed's teacher, and write down what they score.

    Args:
        data: folder with train.tsv and dev.tsv; without it, the built-in task.
        teacher: checkpoint to start from; without it, the built-in encoder.
        unlabelled: table of texts without labels.
        also: name of a second table in ``data``, scored too.
        name: of the result file; "students-" and the folder's name by default.
        students: names of recipes.
        seeds: each is the seed of a teacher and of its students.
        length: tokens of the TFLite files; texts are cut there.
        teacher_epochs: passes of fine-tuning.
        epochs: passes of every student's training; without it, its recipe's.
        slow: students whose training would take hours on a few cores: the first seed's alone,
        slow_steps: and so many steps.
        runtimes: that the first seed's files are run in (see `edgebert setup-runtime`). Other seeds have fewer files,
            and those, and all on the second table, run in the runtimes that decide whether a file ships.
        work: where the runs are kept; what is finished there is not done again.
        results_in: folder of the result file, written after every student.
    """
    watch = results.Watch()
    steps = dict(zip(slow, slow_steps, strict=True))
    task = data.resolve().name.lower() if data else NAME
    source = kept.source(data, teacher, unlabelled)
    rows: list[dict[str, Any]] = []
    for seed in seeds:
        first = work / task / f"seed-{seed}" / "teacher"
        for student in students:
            recipe = _recipe(student, seed, length, teacher_epochs, runtimes)
            if epochs:
                recipe = replace(recipe, distill=replace(recipe.distill, epochs=epochs))
            if student in steps:
                recipe = replace(recipe, distill=replace(recipe.distill, max_steps=steps[student]))
            if seed != seeds[0]:
                if student in steps:
                    continue
                recipe = replace(
                    recipe, verify=replace(recipe.verify, runtimes=DECIDING),
                    quantize=replace(recipe.quantize, schemes=FEWER),
                )  # fmt: skip
            elif student in LARGE:
                recipe = replace(recipe, quantize=replace(recipe.quantize, schemes=(*FEWER, OLDEST)))
            pipeline.finetune(source, recipe, out=first)
            run = first.parent / student
            report = _export(source, recipe, first, run)
            second = elsewhere(run, data / also, DECIDING) if data and also else None
            rows.append({"seed": seed, **_row(report, second)})
            values = {"task": task, "length": length, "also": also, "students": rows}
            file = name or f"students-{task}"
            results.write(file, "students", results.command("students", sys.argv[1:]), watch, values, results_in)


def _recipe(student: str, seed: int, length: int, teacher_epochs: int, runtimes: tuple[str, ...]) -> Recipe:
    named = recipes.load(student)
    return replace(
        named,
        finetune=replace(named.finetune, epochs=teacher_epochs, seed=seed),
        distill=replace(named.distill, seed=seed),
        convert=replace(named.convert, lengths=(length,)),
        quantize=replace(named.quantize, schemes=SCHEMES),
        verify=replace(named.verify, runtimes=runtimes),
        profile=replace(named.profile, baselines=False),
    )


def _export(source: Source, recipe: Recipe, first: Path, run: Path) -> Report:
    """The rest of the chain on the teacher of ``first``. Files that failed their gate belong to the result."""
    kept.beside(first, run)
    try:
        pipeline.export(source, recipe, out=run)
    except GateError:
        if not (run / "report.json").is_file():
            raise
    kept.share(run, first)
    return build(run)


def _row(report: Report, second: Scores | None) -> dict[str, Any]:
    teacher, student, scores = report.teacher, report.student, report.scores
    assert teacher and student and scores
    timed = {
        one.files[0]: {"ms": one.p50_ms, "others_busy": one.conditions.others_busy}
        for one in report.latencies
        if (one.model, one.at, one.conditions.threads) == ("student", "length", 1)
    }
    return {
        "student": student.name, "metric": scores.metric, "rows": student.rows, "parameters": student.parameters,
        "macs": student.macs, "steps": student.steps, "minutes": round((student.seconds or 0) / 60, 2),
        "init": student.init, "method": report.recipe["distill"]["method"],
        "teacher": {"source": results.last_part(teacher.source), "parameters": teacher.parameters, "dev": teacher.dev},
        "dev": student.dev, "kept": asdict(scores.kept_of_teacher) if scores.kept_of_teacher else None,
        "files": [_file(score) | timed.get(str(score.file), {}) for score in scores.files],
        "also": second and _elsewhere(second),
    }  # fmt: skip


def _elsewhere(scores: Scores) -> dict[str, Any]:
    return {
        "rows": scores.rows, "student": scores.student[max(scores.student)],
        "kept": scores.kept_of_teacher and asdict(scores.kept_of_teacher),
        "files": [_file(score) for score in scores.files],
    }  # fmt: skip


def _file(score: FileScore) -> dict[str, Any]:
    return {
        "file": score.file, "format": score.format, "scheme": score.scheme, "length": score.length,
        "engine": f"{score.engine} {score.engine_version}", "decides": score.decides, "bytes": score.bytes,
        "metrics": score.metrics, "drop": score.drop, "agreement": score.agreement, "reasons": score.reasons,
        "kept": score.kept_of_teacher and asdict(score.kept_of_teacher),
    }  # fmt: skip


if __name__ == "__main__":
    script.run(main)
