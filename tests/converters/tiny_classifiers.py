"""Tiny classifiers of every family, with weights as uneven as trained ones, and ways to run their files."""

import functools

import numpy as np
import pytest
import torch
import transformers

from converters import GraphSpec, hugging_face

SHAPE = {
    "vocab_size": 97, "hidden_size": 30, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 42,
    "max_position_embeddings": 24, "num_labels": 3, "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip
DISTILBERT = {"dim": 30, "n_layers": 2, "n_heads": 3, "hidden_dim": 42}
MOBILEBERT = {"embedding_size": 16, "intra_bottleneck_size": 15, "true_hidden_size": 15}
FAMILIES = {
    "bert": ("Bert", {"hidden_act": "gelu"}),
    "bert-relu": ("Bert", {"hidden_act": "relu", "hidden_size": 32, "num_attention_heads": 2}),
    "distilbert": ("DistilBert", DISTILBERT),
    "roberta": ("Roberta", {"type_vocab_size": 1, "max_position_embeddings": 26}),
    "electra": ("Electra", {"embedding_size": 16}),
    "mobilebert": ("MobileBert", MOBILEBERT),
    "albert": ("Albert", {"embedding_size": 16}),
    "deberta-v2": ("DebertaV2", {}),
}


@functools.cache
def classifier(family):
    """A sequence classifier of three labels, in eval mode."""
    name, more = FAMILIES[family]
    config = getattr(transformers, f"{name}Config")(**(SHAPE | more))
    model = getattr(transformers, f"{name}ForSequenceClassification")(config).eval()
    generator = torch.Generator().manual_seed(0)
    for parameter in model.parameters():
        vector = parameter.dim() == 1
        torch.nn.init.normal_(parameter, 0.5 if vector else 0.0, 0.2, generator=generator)
    model.get_input_embeddings().weight.data[model.config.pad_token_id] = 0  # as padding_idx starts out
    return model


def tokens(model, lengths, padded):
    """Random rows of the given lengths, padded to ``padded``: name to int32 [rows, padded]."""
    generator = torch.Generator().manual_seed(1)
    ids = torch.randint(5, 97, (len(lengths), padded), generator=generator, dtype=torch.int32)
    types = torch.randint(0, 2, ids.shape, generator=generator, dtype=torch.int32)
    mask = torch.zeros_like(ids)
    for row, length in enumerate(lengths):
        mask[row, :length] = 1
        ids[row, length:] = model.config.pad_token_id
        types[row, length:] = 0
    feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
    return {name: feeds[name] for name in hugging_face.input_names(model)}


def spec_for(model, target, lengths=(), **more):
    """A spec of three labels with the model's own inputs."""
    return GraphSpec(target=target, lengths=lengths, inputs=hugging_face.input_names(model), num_labels=3, **more)


def run_onnx(path, feeds):
    """Logits of ONNX Runtime, inputs bound by name."""
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(path)
    return session.run(None, {name: np.asarray(value) for name, value in feeds.items()})[0]


def run_tflite(path, feeds, output="logits"):
    """Logits of LiteRT through the signature, row by row, inputs bound by name."""
    interpreter = pytest.importorskip("ai_edge_litert.interpreter")
    runner = interpreter.Interpreter(str(path)).get_signature_runner("classify")
    rows = len(feeds["input_ids"])
    return np.concatenate(
        [runner(**{k: np.asarray(v[i : i + 1]) for k, v in feeds.items()})[output] for i in range(rows)]
    )
