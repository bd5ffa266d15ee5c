"""A run folder as the stages leave it, with small files and numbers that were made up."""

import hashlib
import json
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from converters.artefact import Artefact, Entry, save_list
from converters.graph_spec import TensorSpec
from edgebert.models.scores import ModelScores
from edgebert.profile import operators
from edgebert.profile.latency import Conditions, Latencies, Latency
from edgebert.quantize.choice import Attempt, Choice, Loss, save_choices
from edgebert.recipes import Recipe
from edgebert.recipes.options import ConvertOptions, QuantizeOptions, Source
from edgebert.run import create
from edgebert.store import run_stage
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.sanity import Lengths, Sanity
from edgebert.tasks.task import Task
from edgebert.verify.scores import FileScore, Padding, Scores, Worst

LENGTHS = (8, 16)
SENTENCE = "a good bad film plot with no it goes on and then some more second text this is the first"
REASON = "accuracy drops by 2.10 points against the student; 1 are allowed."


def make_run(folder: Path, *, schemes=("fp32", "int8"), rejected=(), until="profiled") -> Path:
    """Write a run; ``rejected`` names files that fail; ``until`` is the last finished stage."""
    recipe = Recipe(convert=ConvertOptions(lengths=LENGTHS), quantize=QuantizeOptions(schemes=schemes))
    create(folder, Source(teacher="my-bert", train="train.csv"), recipe).save()
    stages = {
        "task": write_task, "teacher": write_teacher, "student": write_student, "converted": write_converted,
        "quantized": write_quantized, "verified": lambda work: write_verified(work, folder, rejected),
        "profiled": lambda work: write_profiled(work, folder),
    }  # fmt: skip
    for name, write in stages.items():
        run_stage(folder / name, {"until": name}, {}, write)
        if name == until:
            break
    return folder


def write_task(work):
    texts = [f"{'good' if i % 3 else 'bad'} film {'with more plot ' * (i % 5)}" for i in range(40)]
    rows = [Row(text, None, (float(text.startswith("good")),)) for text in texts]
    Rows.write(work / "dev.arrow", rows)
    write_tokenizer(work / "tokenizer.json")
    task = Task(work, "reviews", "classes", ("negative", "positive"), False, {"train": 150, "select": 16, "dev": 40})
    task.save()
    Sanity(
        tables={"train": "train.csv (text <- sentence, label <- label)"},
        learnt="one of 2 classes, in the column 'label': its values are names or whole numbers",
        rows={"train": 150},
        balance={"train": {"negative": 50, "positive": 100}},
        oddities={"train": {"duplicate": 3, "leak": 0}},
        lengths=Lengths(150, {"p50": 6, "max": 18}, histogram=((8, 90), (None, 60)), cut={8: 0.4, 16: 0.05}),
        notes=("train.csv: 3 rows repeat an earlier row.",),
    ).save(work)  # fmt: skip


def write_tokenizer(path):
    vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *SENTENCE.split()])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.save(str(path))


def write_teacher(work):
    model("teacher", "bert", 22_713_986, 84.14, fine_tuned=True, seed=0, seconds=212.0, licence="apache-2.0").save(work)


def write_student(work):
    scores = model(
        "tinybert-4", "bert", 14_350_248, 83.42, seed=0, seconds=301.5, init="teacher", untrained_select=75.7
    )
    scores.save(work)
    write_tokenizer(work / "tokenizer.json")


def model(name, architecture, parameters, dev, **more):
    return ModelScores(
        name=name, architecture=architecture, source="my-bert", parameters=parameters, macs=int(0.6e9), max_length=16,
        metric="accuracy", select=83.1, dev=dev, rows={"train": 150, "select": 16, "dev": 40}, **more,
    )  # fmt: skip


def write_converted(work):
    save_files(work, "fp32", 57_200)
    for length in LENGTHS:
        np.save(work / f"golden-s{length}.npy", golden_logits(work.parent / "task", length))


def golden_logits(task_folder, length):
    from edgebert.bundle import golden_texts

    count = len(golden_texts(Task.load(task_folder)))
    return np.arange(2 * count, dtype=np.float32).reshape(count, 2) / length


def write_quantized(work):
    save_files(work, "int8", 15_200)
    good = Attempt(scheme="int8", in_float=(), bytes=30_400, loss=Loss(0.2, 0.01))
    save_choices(
        [
            Choice(format=format, asked="int8", max_loss=1.0, attempts=(good,), used=0, runs=1)
            for format in ("onnx", "tflite")
        ],
        work,
    )


def save_files(work, scheme, size):
    any_length = artefact(work, f"tinybert-4-{scheme}.onnx", "onnx", scheme, None, size - 500)
    fixed = [artefact(work, f"tinybert-4-s{n}-{scheme}.tflite", "tflite", scheme, n, size) for n in LENGTHS]
    save_list([any_length, *fixed], work)


def artefact(work, path, format, scheme, length, size):
    (work / path).write_bytes(path.encode().ljust(size, b"."))
    shape = ("batch", "length") if length is None else (1, length)
    inputs = tuple(TensorSpec(name, "int32", shape) for name in ("input_ids", "attention_mask", "token_type_ids"))
    return Artefact(
        path=path, format=format, scheme=scheme,
        entries=(Entry(signature="classify" if length else None, length=length, inputs=inputs),),
        output=TensorSpec("logits", "float32", (shape[0], 2)), driver="by-length" if length else "single",
        sha256=hashlib.sha256((work / path).read_bytes()).hexdigest(), bytes=size,
    )  # fmt: skip


def made_files(folder):
    return [Artefact.from_dict(values) for stage in ("converted", "quantized")
            for values in json.loads((folder / stage / "artefacts.json").read_text())]  # fmt: skip


def write_verified(work, folder, rejected):
    made = made_files(folder)
    sets = [[f for f in made if (f.format, f.scheme) == ("tflite", scheme)] for scheme in ("fp32", "int8")]
    Scores(
        metric="accuracy", max_drop=1.0, fp16_max_drop=0.2, fp32_tolerance=1e-4, value="a probability",
        unit=1.0, rows=40,
        student={8: {"accuracy": 81.9}, 16: {"accuracy": 83.42}},
        files=tuple(file_score([f], rejected) for f in made),
        drivers=tuple(file_score(files, rejected) for files in sets),
        padding=(Padding(format="onnx", scheme="fp32", files=(made[0].path,), lengths=(None, 8, 16), rows=32,
                         max_logit_difference=1e-6, max_difference=2e-7, passed=True),),
    ).save(work / "scores.json")  # fmt: skip


def file_score(files, rejected):
    first, exact = files[-1], files[0].scheme == "fp32"
    whole = len(files) > 1
    at = first.length or 16
    student = (0.62, 0.38)
    worst = Worst(row=7, text="a | plot\nwith [no] <film>", pair=None, label="negative", student=student,
                  file=student if exact else (0.48, 0.52), change=0.0 if exact else 0.14)  # fmt: skip
    return FileScore(
        file=None if whole else first.path, files=tuple(f.path for f in files),
        format=first.format, scheme=first.scheme, length=None if whole else first.length, driver=first.driver,
        sha256=None if whole else first.sha256,
        bytes=sum(f.bytes for f in files), engine={"onnx": "ort", "tflite": "litert"}[first.format],
        engine_version={"onnx": "1.31.1", "tflite": "2.3.0"}[first.format], rows=40, cut_rows=12 if at == 8 else 2,
        cut_at=at, metrics={"accuracy": 83.42 if exact else 83.06}, drop=0.0 if exact else 0.36,
        agreement=100.0 if exact else 98.77, max_change=3.1e-7 if exact else 0.14,
        max_logit_difference=1e-6 if exact else 0.3, worst=(worst,),
        reasons=(REASON,) if not whole and first.path in rejected else (),
    )  # fmt: skip


def write_profiled(work, folder):
    made, found = made_files(folder), []
    for threads in (1, 2):
        for f in made:
            p50 = {"fp32": 5.79, "int8": 2.13}[f.scheme] / threads
            found.append(latency("student", [f], "length", f.length or 16, p50, threads))
        for format in ("onnx", "tflite"):
            for scheme in ("fp32", "int8"):
                files = [f for f in made if (f.format, f.scheme) == (format, scheme)]
                found.append(latency("student", files, "rows", None, 0.9, threads))
                if scheme == "fp32":
                    found.append(latency("bert-base", files[-1:], "length", 16, 99.7 / threads, threads))
                found.append(latency("teacher", files[-1:], "length", 16, 17.37 / threads, threads))
    Latencies(tuple(found)).save(work / "latency.json")
    operators.save([], work)


def latency(model, files, at, length, p50, threads):
    first = files[0]
    engine, version = {"onnx": ("ort", "1.31.1"), "tflite": ("litert", "2.3.0")}[first.format]
    return Latency(
        model=model, files=tuple(f.path for f in files), format=first.format, scheme=first.scheme,
        bytes=sum(f.bytes for f in files), basis="measured", at=at, p50_ms=p50, p90_ms=p50 * 1.1, p99_ms=p50 * 1.4,
        mean_ms=p50, round_p50_ms=(p50,) * 3, open_ms=12.0, first_call_ms=p50 * 2, peak_memory_mb=61.4,
        conditions=Conditions(
            engine=engine, engine_version=version, threads=threads, length=length, batch=1,
            runs=180, rounds=3, warmup=5, processor="AMD EPYC 9B45 (made up)", cores=2, system="Linux-6.1-x86_64",
            load_average=0.4, others_busy=0.01,
        ),
    )  # fmt: skip
