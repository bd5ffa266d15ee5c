"""Peak memory of reading, learning and calibrating, at two numbers of rows: it should not grow with them.

A tiny teacher of random weights: what is measured is what is kept for each row, its tokens, the teacher's logits,
hidden states and attention scores.
Run: python -m benchmarks.memory        (some minutes)
"""

from __future__ import annotations

import csv
import shutil
import sys
from pathlib import Path

import numpy as np

from benchmarks import results, script
from benchmarks.calibration import write_model
from benchmarks.process import measure, python

WORDS = 2000
LENGTHS = (6, 24)
"""Words in a text, from and below."""
LABELS = ("negative", "positive")
TRAIN_ROWS = 1000
FORMATS = ("onnx", "tflite")
CALIBRATE = "from pathlib import Path; from benchmarks.calibration import calibrate; " \
            "calibrate(Path({folder!r}), {format!r}, {count})"  # fmt: skip


def main(
    *,
    rows: tuple[int, ...] = (20_000, 200_000),
    steps: int = 200,
    work: Path = results.WORK / "memory",
    results_in: Path = results.FOLDER,
) -> None:
    """Run `edgebert finetune`, `edgebert distill` and calibration on so many rows and write down their peaks.

    Args:
        rows: texts without labels.
        steps: of training.
        work: folder, made anew.
        results_in: folder of the result file.
    """
    watch = results.Watch()
    shutil.rmtree(work, ignore_errors=True)
    teacher, models, found = _teacher(work / "teacher"), work / "models", []
    write_model(models)
    for size in rows:
        run, train, unlabelled = work / f"run-{size}", work / "train.csv", work / f"{size}.csv"
        _table(train, TRAIN_ROWS, labelled=True)
        _table(unlabelled, size, labelled=False)
        edgebert = [sys.executable, "-m", "edgebert"]
        read = measure([
            *edgebert, "finetune", "--teacher", str(teacher), "--train", str(train), "--unlabelled", str(unlabelled),
            "--unlabelled-rows", str(size), "--lengths", "32", "--out", str(run),
        ])  # fmt: skip
        learnt = measure([
            *edgebert, "distill", str(run), "--student", "bert-1-32", "--method", "tinybert",
            "--max-steps", str(steps), "--feature-cache-mb", "100000",
        ])  # fmt: skip
        calibrate = {name: python(CALIBRATE.format(folder=str(models), format=name, count=size)) for name in FORMATS}
        calibrated = {f"calibrate_{name}": vars(measure(command)) for name, command in calibrate.items()}
        found.append({"rows": size, "finetune": vars(read), "distill": vars(learnt), **calibrated})
    results.write(
        "memory", "memory", results.command("memory", sys.argv[1:]), watch, {"steps": steps, "peaks": found}, results_in
    )


def _teacher(folder: Path) -> Path:
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    folder.mkdir(parents=True)
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *map(_word, range(WORDS))]
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    BertTokenizer.from_pretrained(folder).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=128,
        max_position_embeddings=64, id2label=dict(enumerate(LABELS)),
        label2id={label: i for i, label in enumerate(LABELS)},
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def _word(number: int) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return letters[number // 676 % 26] + letters[number // 26 % 26] + letters[number % 26]


def _table(path: Path, rows: int, *, labelled: bool) -> None:
    """Random texts, every one another."""
    random = np.random.default_rng(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"] if labelled else ["text"])
        for row in range(rows):
            text = " ".join(map(_word, random.integers(0, WORDS, random.integers(*LENGTHS))))
            writer.writerow([text, LABELS[row % 2]] if labelled else [text])


if __name__ == "__main__":
    script.run(main)
