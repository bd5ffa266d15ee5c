"""Small models of random weights, their fp32 files, rows to run through them, and what they lose."""

from pathlib import Path

import numpy as np
import torch
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    MobileBertConfig,
    MobileBertForSequenceClassification,
)

from converters import GraphSpec, convert, hugging_face, save_list
from edgebert.quantize.choice import Loss

VOCABULARY, WIDTH, LENGTHS = 400, 64, (8, 16)
ROWS = 60


def random_weights(found):
    for parameter in found.parameters():
        torch.nn.init.normal_(parameter, 0.5 if parameter.dim() == 1 else 0.0, 0.15)
    return found.eval()


def bert():
    torch.manual_seed(0)
    shape = {"vocab_size": VOCABULARY, "hidden_size": WIDTH, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = BertConfig(**shape, intermediate_size=128, max_position_embeddings=LENGTHS[-1], num_labels=2)
    return random_weights(BertForSequenceClassification(config))


def mobilebert():
    torch.manual_seed(0)
    config = MobileBertConfig(
        vocab_size=VOCABULARY, hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        embedding_size=32, intra_bottleneck_size=32, true_hidden_size=32, max_position_embeddings=LENGTHS[-1],
        num_labels=2,
    )  # fmt: skip
    found = MobileBertForSequenceClassification(config).eval()
    torch.nn.init.normal_(found.classifier.weight, 0.0, 1.0)
    return found


def write(model, folder):
    """The fp32 files of a model with their list: ONNX, and TFLite of two lengths."""
    made = []
    for system, lengths in (("onnx", ()), ("litert", LENGTHS)):
        spec = GraphSpec(target=system, lengths=lengths, inputs=hugging_face.input_names(model), num_labels=2)
        made += convert(hugging_face.deploy(model, spec), folder, "tiny")
    save_list(made, folder)
    return folder


def tokens(seed=0, rows=ROWS):
    """Rows of tokens of different lengths, unpadded."""
    random = np.random.default_rng(seed)
    return [random.integers(5, VOCABULARY, random.integers(4, LENGTHS[-1] + 1), dtype=np.int32) for _ in range(rows)]


def feeds(row, length=None):
    """A row as the inputs of a file; longer rows are cut."""
    row = row[:length]
    ids, mask = np.zeros((2, 1, length or len(row)), np.int32)
    ids[0, : len(row)], mask[0, : len(row)] = row, 1
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}


def calibration(length):
    return (feeds(row, length) for row in tokens(seed=1))


def answers(path, rows, length=None, *, delegate=True):
    """Logits of a file [rows, labels], in its own engine; LiteRT with XNNPACK or by its own kernels."""
    if path.suffix == ".onnx":
        import onnxruntime

        session = onnxruntime.InferenceSession(path)
        return np.concatenate([session.run(["logits"], feeds(row))[0] for row in rows])
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    kernels = OpResolverType.AUTO if delegate else OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    runner = Interpreter(str(path), experimental_op_resolver_type=kernels).get_signature_runner("classify")
    return np.concatenate([runner(**feeds(row, length))["logits"] for row in rows])


def driven(folder, files, rows):
    """Logits of a set of files, each row through the shortest that it fits in."""
    chosen = [next(place for place, f in enumerate(files) if f.length is None or len(row) <= f.length) for row in rows]
    out = np.zeros((len(rows), 2), np.float32)
    for place, file in enumerate(files):
        mine = [i for i, one in enumerate(chosen) if one == place]
        out[mine] = answers(folder / file.path, [rows[i] for i in mine], file.length)
    return out


def labels(logits, expected):
    """Which rows are on the upper side of the fp32 files' median margin: two classes of the same size."""
    return logits[:, 1] - logits[:, 0] > np.median(expected[:, 1] - expected[:, 0])


def score_against(source):
    """Percent of rows on another side than with the fp32 files, as a loss; its calls are in `.calls`."""
    from converters import load_list

    rows, expected = tokens(), {}

    def score(folder: Path, files):
        score.calls.append(files[0].scheme)
        format = files[0].format
        if format not in expected:
            expected[format] = driven(source, [f for f in load_list(source) if f.format == format], rows)
        found = driven(folder, files, rows)
        change = np.abs(torch.tensor(found).softmax(-1) - torch.tensor(expected[format]).softmax(-1)).mean()
        other = labels(found, expected[format]) != labels(expected[format], expected[format])
        return Loss(100 * float(other.mean()), float(change))

    score.calls = []
    return score
