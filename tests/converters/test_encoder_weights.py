import pytest
import torch
from tiny_classifiers import classifier
from transformers import BertModel

from converters import UnsupportedModel
from converters.encoder_weights import read, supports


@pytest.mark.parametrize("family", ["bert", "distilbert", "roberta", "electra"])
def test_all_families_come_out_under_one_shape(family):
    weights = read(classifier(family))
    layer = weights.layers[-1]
    assert len(weights.layers) == 2
    assert layer.up.weight.shape == (42, 30)
    assert layer.q.weight.shape == layer.o.weight.shape == (30, 30)
    assert weights.width == 30
    assert weights.position.shape[0] == 24  # RoBERTa's two rows that belong to no token are gone
    assert [step.activation for step in weights.head] == [
        {"bert": "tanh", "distilbert": "relu", "roberta": "tanh", "electra": "gelu"}[family], None,
    ]  # fmt: skip
    assert weights.head[-1].dense.weight.shape == (3, 30)


def test_weights_are_views_of_the_model():
    model = classifier("bert")
    assert read(model).word.data_ptr() == model.bert.embeddings.word_embeddings.weight.data_ptr()


def test_bare_encoder_has_no_head():
    encoder = BertModel(classifier("bert").config)
    assert read(encoder).head == ()


def test_half_precision_is_read_as_float32():
    half = BertModel(classifier("bert").config).bfloat16()
    assert read(half).layers[0].q.weight.dtype == torch.float32


def test_other_families_are_refused_by_name():
    model = classifier("mobilebert")
    assert not supports(model)
    with pytest.raises(UnsupportedModel, match="mobilebert"):
        read(model)
