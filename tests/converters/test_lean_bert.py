import dataclasses

import pytest
import torch
from tiny_classifiers import classifier, tokens
from transformers import BertModel

from converters import UnsupportedModel
from converters.encoder_weights import read
from converters.lean_bert import LeanBert

LEAN = ["bert", "bert-relu", "distilbert", "roberta", "electra"]


@pytest.mark.parametrize("family", LEAN)
def test_gives_the_logits_of_the_training_module(family):
    model = classifier(family)
    feeds = tokens(model, [16, 9, 3], 16)
    with torch.no_grad():
        expected, found = model(**feeds).logits, LeanBert(read(model))(**feeds)
    assert expected.std() > 0.05  # the comparison means something
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("family", LEAN)
def test_padding_to_any_length_changes_nothing(family):
    model = classifier(family)
    lean = LeanBert(read(model))
    alone = {name: value[:, :5] for name, value in tokens(model, [5], 24).items()}
    with torch.no_grad():
        expected = lean(**alone)
        for length in range(6, 25):
            padded = {name: value[:, :length] for name, value in tokens(model, [5], 24).items()}
            torch.testing.assert_close(lean(**padded), expected, atol=1e-5, rtol=0)


def test_token_types_count():
    model = classifier("bert")
    feeds = tokens(model, [8], 8)
    other = feeds | {"token_type_ids": 1 - feeds["token_type_ids"]}
    with torch.no_grad():
        lean = LeanBert(read(model))
        assert (lean(**feeds) - lean(**other)).abs().max() > 1e-3


def test_probabilities_are_the_softmax_of_the_logits():
    model = classifier("bert")
    feeds = tokens(model, [8], 8)
    with torch.no_grad():
        found = LeanBert(read(model), "probabilities")(**feeds)
        torch.testing.assert_close(found, model(**feeds).logits.softmax(-1), atol=1e-6, rtol=0)


def test_last_layer_is_computed_for_one_row():
    model = classifier("bert")
    lean = LeanBert(read(model))
    seen = []
    for layer in lean.layers:
        layer.up.register_forward_hook(lambda module, inputs, output: seen.append(tuple(inputs[0].shape)))
    lean(**tokens(model, [16, 16], 16))
    assert seen == [(32, 30), (2, 30)]


def test_bare_encoder_and_unknown_activation_are_refused():
    weights = read(classifier("bert"))
    with pytest.raises(UnsupportedModel, match="head"):
        LeanBert(read(BertModel(classifier("bert").config)))
    with pytest.raises(UnsupportedModel, match="mish"):
        LeanBert(dataclasses.replace(weights, activation="mish"))
