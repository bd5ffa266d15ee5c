"""Files small enough to check by hand: the logits are the mean of two-wide word vectors over all but padding."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from converters.artefact import Artefact, Entry, digest
from converters.graph_spec import GraphSpec

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
WORDS = ["good", "bad", *"abcdefghijklmnopqrstuvwxyz"]
VOCABULARY = {word: index for index, word in enumerate([*SPECIAL, *WORDS])}


def word_vectors():
    """[words, 2]: small numbers, but for "good" and "bad", which decide; padding is loud, so that it must be masked."""
    vectors = np.random.default_rng(0).normal(0, 0.1, (len(VOCABULARY), 2)).astype(np.float32)
    vectors[VOCABULARY["good"]] = -3, 3
    vectors[VOCABULARY["bad"]] = 3, -3
    vectors[VOCABULARY["[PAD]"]] = 9, -9
    return vectors


TYPES = np.array([[0, 0], [0.5, 1.5]], np.float32)


def expected(tokens):
    """Logits [rows, 2] of `Tokens`, by hand."""
    means = [(word_vectors()[list(row.input_ids)] + TYPES[list(row.token_type_ids)]).mean(axis=0) for row in tokens]
    return np.array(means, np.float32)


def write_onnx(
    folder: Path,
    name: str = "model-fp32.onnx",
    *,
    scheme: str = "fp32",
    length: int | None = None,
    names: tuple[str, ...] = INPUTS,
    declared: tuple[str, ...] | None = None,
    vectors: np.ndarray | None = None,
    masked: bool = True,
    output: str = "logits",
) -> Artefact:
    """Write the toy as an ONNX file.

    Args:
        names: what the graph calls its word, mask and type inputs, in this order.
        declared: the order in which the file lists its inputs; None: as in ``names``.
        vectors: other word vectors than the right ones.
        masked: False leaves the attention mask out of the sum.
    """
    words, mask, types = names
    weights = word_vectors() if vectors is None else vectors
    nodes = [
        helper.make_node("Gather", ["words", words], ["w"]),
        helper.make_node("Gather", ["types", types], ["t"]),
        helper.make_node("Add", ["w", "t"], ["x"]),
        helper.make_node("Cast", [mask], ["m"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["m", "last"], ["kept"]),
        helper.make_node("Mul", ["x", "kept"], ["shown"]),
        helper.make_node("ReduceSum", ["shown" if masked else "x", "tokens"], ["sum"], keepdims=0),
        helper.make_node("ReduceSum", ["kept", "tokens"], ["count"], keepdims=0),
        helper.make_node("Div", ["sum", "count"], ["logits"]),
    ]
    if output == "probabilities":
        nodes.append(helper.make_node("Softmax", ["logits"], ["probabilities"], axis=-1))
    constants = {"words": weights, "types": TYPES, "last": np.array([2]), "tokens": np.array([1])}
    shape = ["batch", length or "length"]
    graph = helper.make_graph(
        nodes,
        "toy",
        [helper.make_tensor_value_info(n, TensorProto.INT32, shape) for n in declared or names],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", 2])],
        [numpy_helper.from_array(value, n) for n, value in constants.items()],
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return promise(path, scheme=scheme, length=length, output=output)


def promise(path: Path, *, scheme: str = "fp32", length: int | None = None, output: str = "logits") -> Artefact:
    """The artefact that the converters would have written for a file."""
    spec = GraphSpec(target="onnx", inputs=INPUTS, num_labels=2, output=output)
    return Artefact(
        path=path.name,
        format="onnx",
        scheme=scheme,
        entries=(Entry(signature=None, length=length, inputs=spec.input_specs(length)),),
        output=spec.output_spec(),
        driver="single" if length is None else "by-length",
        sha256=digest(path),
        bytes=path.stat().st_size,
    )


def again(artefact: Artefact, folder: Path) -> Artefact:
    """The artefact of a file that was changed, as if it had been made that way."""
    path = folder / artefact.path
    return replace(artefact, sha256=digest(path), bytes=path.stat().st_size)


def write_tokenizer(path: Path) -> Path:
    """A tokenizer of the toy's words."""
    tokenizer = Tokenizer(models.WordPiece(VOCABULARY, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", VOCABULARY["[CLS]"]), ("[SEP]", VOCABULARY["[SEP]"])],
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(path))
    return path
