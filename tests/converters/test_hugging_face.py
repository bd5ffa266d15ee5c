import pytest
import torch
from tiny_classifiers import classifier, spec_for, tokens

from converters import ConversionError, UnsupportedModel
from converters.hugging_face import deploy, input_names


@pytest.mark.parametrize("family", ["albert"])
def test_other_families_go_as_they_are(family):
    model = classifier(family)
    feeds = tokens(model, [16, 9], 16)
    with torch.no_grad():
        expected = model(**feeds).logits
        found = deploy(model, spec_for(model, "onnx")).parts[0].module(**feeds)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


def test_a_graph_with_other_logits_is_refused():
    # DeBERTa reads a four-dimensional mask as booleans: our additive one would be silently wrong.
    model = classifier("deberta-v2")
    with pytest.raises(UnsupportedModel, match="deberta-v2"):
        deploy(model, spec_for(model, "onnx"))


def test_a_length_beyond_the_positions_is_refused():
    model = classifier("roberta")
    deploy(model, spec_for(model, "litert", (24,)))
    with pytest.raises(ConversionError, match="25"):
        deploy(model, spec_for(model, "litert", (8, 25)))


def test_token_types_are_an_input_only_where_there_are_several():
    assert "token_type_ids" in input_names(classifier("bert"))
    assert "token_type_ids" not in input_names(classifier("roberta"))
    assert "token_type_ids" not in input_names(classifier("distilbert"))


def test_one_part_for_each_length_and_the_driver_that_chooses():
    model = classifier("bert")
    many, one = deploy(model, spec_for(model, "litert", (8, 16))), deploy(model, spec_for(model, "onnx"))
    assert [(part.name, part.lengths) for part in many.parts] == [("s8", (8,)), ("s16", (16,))]
    assert (many.driver, one.driver) == ("by-length", "single")
    assert one.parts[0].lengths == ()
