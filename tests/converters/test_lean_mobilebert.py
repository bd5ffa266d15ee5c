import dataclasses
import itertools

import numpy as np
import pytest
import torch
from tiny_classifiers import run_onnx, run_tflite, spec_for, tokens
from transformers import MobileBertConfig, MobileBertForSequenceClassification

from converters import convert, hugging_face
from converters.lean_mobilebert import LeanMobileBert, Reductions
from converters.lint import inspect
from edgebert.models.families.ib_bert import IbBertConfig, IbBertForSequenceClassification
from edgebert.models.families.mobilebert import initialise

SMALL = {
    "vocab_size": 97, "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 24,
    "embedding_size": 16, "intra_bottleneck_size": 16, "max_position_embeddings": 24, "num_labels": 3,
}  # fmt: skip
SHAPES = {
    "mobilebert": {},
    "tiny": {"use_bottleneck_attention": True, "key_query_shared_bottleneck": False, "num_feedforward_networks": 2},
    "both-flags": {"use_bottleneck_attention": True},
    "one-ffn": {"num_feedforward_networks": 1, "classifier_activation": False},
    "layernorm-gelu": {"normalization_type": "layer_norm", "hidden_act": "gelu"},
    "tiny-layernorm": {"normalization_type": "layer_norm", "use_bottleneck_attention": True},
    "no-bottleneck": {"use_bottleneck": False, "num_feedforward_networks": 2},
    "no-bottleneck-layernorm": {"use_bottleneck": False, "normalization_type": "layer_norm"},
    "no-trigram": {"trigram_input": False},
    "no-projection": {"trigram_input": False, "embedding_size": 32},
    "one-type": {"type_vocab_size": 1},
}
IB_BERT = {"intra_bottleneck_size": 64, "key_query_shared_bottleneck": False, "num_feedforward_networks": 1}


def uneven(model, spread=0.4):
    """Norms as a trained model has them: far from 1, some negative, one exactly 0."""
    initialise(model)
    generator = torch.Generator().manual_seed(1)
    for name, parameter in model.named_parameters():
        if "LayerNorm.weight" in name:
            parameter.data = torch.exp(spread * torch.randn(parameter.shape, generator=generator))
            parameter.data[3], parameter.data[5] = 0.0, -parameter.data[5]
        elif parameter.dim() == 1:
            torch.nn.init.normal_(parameter, 0.0, 0.3, generator=generator)
    return model.eval()


def build(shape, **more):
    torch.manual_seed(0)
    if shape == "ib-bert":
        return uneven(IbBertForSequenceClassification(IbBertConfig(**(SMALL | IB_BERT | more))))
    return uneven(MobileBertForSequenceClassification(MobileBertConfig(**(SMALL | SHAPES[shape] | more))))


@torch.no_grad()
def same(model, reductions=None, lengths=(16, 9, 1), padded=16):
    """Compare with the training module in float64, and with what float32 costs that itself."""
    feeds = tokens(model, lengths, padded)
    found = LeanMobileBert(model, reductions=reductions)(**feeds)
    single = model(**feeds).logits
    exact = model.double()(**feeds).logits
    model.float()
    assert single.std() > 0.05
    assert (found - exact).abs().max() <= max(1e-5, 4 * (single - exact).abs().max())


@pytest.mark.parametrize("shape", [*SHAPES, "ib-bert"])
def test_every_shape_gives_the_logits_of_the_training_module(shape):
    same(build(shape))


@pytest.mark.parametrize("off", [field.name for field in dataclasses.fields(Reductions)])
@pytest.mark.parametrize("shape", ["mobilebert", "tiny"])
def test_each_reduction_can_be_left_out(shape, off):
    same(build(shape), Reductions(**{off: False}))


def test_norms_are_gone_and_the_last_layer_has_one_row():
    model = build("mobilebert")
    seen = []
    lean = LeanMobileBert(model)
    for layer in lean.layers:
        layer.ups[0].register_forward_hook(lambda module, inputs, output: seen.append(tuple(output.shape)))
    lean(**tokens(model, [16, 16], 16))
    assert seen == [(2, 16, 24), (2, 16, 24), (2, 1, 24)]
    assert not any(isinstance(module, torch.nn.LayerNorm) or "NoNorm" in str(type(module)) for module in lean.modules())


def test_24_layers_of_far_norms_lose_nothing():
    # A scale of 1.2 in each of 24 layers is 79 in the end: the stream has to begin again.
    model = build("mobilebert", num_hidden_layers=24)
    for layer in model.mobilebert.encoder.layer:
        layer.output.bottleneck.LayerNorm.weight.data *= 1.2
    same(model)


def test_padding_of_a_model_whose_padding_has_a_vector():
    # Behind the text stands padding's vector, beyond the input zeros: the model itself tells them apart.
    model = build("mobilebert")
    model.mobilebert.embeddings.word_embeddings.weight.data[0] = 1.0
    for padded in (9, 10, 16):
        same(model, lengths=(9, 4), padded=padded)


@pytest.mark.parametrize("shape", ["mobilebert", "tiny", "layernorm-gelu", "ib-bert"])
def test_files_give_the_models_logits(shape, tmp_path):
    model = build(shape)
    made = [
        convert(hugging_face.deploy(model, spec_for(model, *wanted)), tmp_path, "m")[0]
        for wanted in (("onnx",), ("litert", (16,)))
    ]
    for lengths, padded in (([16, 9, 3], 16), ([6], 16)):
        feeds = tokens(model, lengths, padded)
        expected = model(**feeds).logits.detach()
        np.testing.assert_allclose(run_onnx(tmp_path / made[0].path, feeds), expected, atol=1e-5, rtol=1e-5)
        np.testing.assert_allclose(run_tflite(tmp_path / made[1].path, feeds), expected, atol=1e-5, rtol=1e-5)
    for file, (length, padded) in itertools.product(made[:1], [(5, 5), (5, 7), (2, 20)]):
        feeds = tokens(model, [length], padded)
        expected = model(**feeds).logits.detach()
        np.testing.assert_allclose(run_onnx(tmp_path / file.path, feeds), expected, atol=1e-5, rtol=1e-5)
    assert all(inspect(tmp_path / file.path).problems == [] for file in made)


@torch.no_grad()
def test_without_token_types_all_are_the_first():
    model = build("mobilebert")
    feeds = tokens(model, (16, 9), 16)
    feeds["token_type_ids"] = torch.zeros_like(feeds["token_type_ids"])
    graph = LeanMobileBert(model)
    alone = graph(feeds["input_ids"], feeds["attention_mask"])
    torch.testing.assert_close(alone, graph(**feeds), rtol=0, atol=1e-6)
