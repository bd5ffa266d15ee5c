"""A bundle of toy files that anyone can spoil."""

import numpy as np
import toy_files

from edgebert.bundle.manifest import Asset, Entry, Manifest, Model, ModelFile, Quality, Runtime, RuntimeCheck, Tokenizer
from edgebert.files import read_json, sha256, write_json
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Row

LENGTH = 8
TEXTS = {"dev 1": "good a b", "dev 2": "bad c", "dev 3": "x y z", "empty text": "", "long": "good bad " * 9}
QUALITY = Quality(
    metric="accuracy", value=100.0, drop=0.0, agreement=100.0, max_change=0.02, unit=1.0, rows=3, cut_rows=0,
    cut_at=LENGTH,
)  # fmt: skip


class Bundle:
    """`sign` writes the manifest anew over what is there."""

    def __init__(self, folder):
        self.folder = folder
        toy_files.write_tokenizer(folder / "tokenizer.json")
        (folder / "vocab.txt").write_text("".join(f"{word}\n" for word in toy_files.VOCABULARY))
        (folder / "labels.txt").write_text("neg\npos\n")
        tokens = TextEncoder(folder / "tokenizer.json", LENGTH).encode([Row(text) for text in TEXTS.values()])
        texts = [
            {"name": name, "text": text, "pair": None, "tokens": len(text.split()) + 2,
             "label": "neg" if name.startswith("dev") else None, "cuts": [
                {"length": LENGTH, "input_ids": row.input_ids, "token_type_ids": row.token_type_ids,
                 "logits": [round(float(value), 6) for value in logits]}]}
            for (name, text), row, logits in zip(TEXTS.items(), tokens, toy_files.expected(tokens), strict=True)
        ]  # fmt: skip
        write_json(folder / "report.json", {"schema": 1, "scores": {"fp32_tolerance": 1e-4}, "latencies": []})
        write_json(folder / "golden.json", {"schema": 1, "labels": ["neg", "pos"], "texts": texts})
        toy_files.write_onnx(folder, "toy-fp32.onnx")
        toy_files.write_onnx(
            folder, "toy-int8.onnx", scheme="int8", vectors=toy_files.word_vectors() * np.float32(1.01)
        )
        self.sign()

    def sign(self, labels=("neg", "pos"), refused=()):
        models = []
        for scheme in ("fp32", "int8"):
            file = toy_files.promise(self.folder / f"toy-{scheme}.onnx", scheme=scheme)
            (entry,), ort = file.entries, Runtime(name="ort", version="1")
            check = RuntimeCheck(runtime=ort, length=None, value=1.0, drop=0.0, reasons=refused)
            models.append(Model(
                format="onnx", scheme=scheme, driver="single", engine="ort", engine_version="1", quantization={},
                output="logits", lengths=(), quality=QUALITY, files=(ModelFile(
                    path=file.path, sha256=file.sha256, bytes=file.bytes, output=file.output, runtimes=(check,),
                    minimum_runtime=ort,
                    entries=(Entry(signature=None, length=None, inputs=entry.inputs, quality=QUALITY),),
                ),)))  # fmt: skip
        assets = ("tokenizer.json", "vocab.txt", "labels.txt", "golden.json", "report.json")
        write_json(self.folder / "manifest.json", Manifest(
            name="toy", task="toy", kind="classes", labels=labels, has_pair=False, models=tuple(models),
            tokenizer=Tokenizer(model="WordPiece", file="tokenizer.json", vocabulary="vocab.txt", max_length=LENGTH,
                                truncation="longest_first", pad_id=0),
            golden="golden.json", report="report.json",
            assets=tuple(Asset(path=name, sha256=sha256(self.folder / name), bytes=1) for name in assets),
            student={}, licences=(), versions={}, revision=None,
        ).to_dict())  # fmt: skip

    def golden(self, change):
        values = read_json(self.folder / "golden.json")
        change(values)
        write_json(self.folder / "golden.json", values)


def set_logit(values):
    """Spoil a golden's answer."""
    values["texts"][1]["cuts"][0]["logits"][0] += 0.5


def set_id(values):
    """Spoil a golden's token ids."""
    values["texts"][0]["cuts"][0]["input_ids"][1] += 1


def swap_words(path):
    """Let two words change places in a vocabulary."""
    text = path.read_text()
    path.write_text(text.replace("good", "\0").replace("bad", "good").replace("\0", "bad"))
