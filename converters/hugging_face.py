"""A Hugging Face sequence classifier to a `Deployment`: lean where the family is known, else as it is.

A model that has a method `inference_graph(output, probability)` brings its own: a module with `max_length`, for `Part`.
"""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import nn

from converters import encoder_weights
from converters.as_is import AsIs
from converters.blocks import probabilities
from converters.deployment import Deployment
from converters.errors import ConversionError, UnsupportedModel
from converters.graph_spec import GraphSpec
from converters.lean_bert import LeanBert
from converters.lean_mobilebert import LeanMobileBert

TOLERANCE = 1e-3
"""Largest difference of a logit between a classifier and its inference graph, relative to the largest logit; a wrong
graph is off by far more, float32 in another order by far less."""


def input_names(model: nn.Module) -> tuple[str, ...]:
    """Inputs that the classifier's file will have, in order, for `GraphSpec.inputs`.

    A family without token types, or with a single one, has no `token_type_ids`.
    """
    known = inspect.signature(model.forward).parameters
    types = getattr(model.config, "type_vocab_size", 0)
    names = ("input_ids", "attention_mask")
    return (*names, "token_type_ids") if "token_type_ids" in known and types > 1 else names


def deploy(model: nn.Module, spec: GraphSpec) -> Deployment:
    """The inference graph of a fine-tuned classifier, as ``spec`` wants it.

    Args:
        model: a `...ForSequenceClassification`; it shares its memory with the graph and changes to eval mode.
        spec: lengths, inputs and output.

    Raises:
        UnsupportedModel: if the graph would not give the model's own logits.
        ConversionError: for a length beyond the model's positions.
    """
    graph = _graph(model.eval(), spec)
    too_long = [length for length in spec.lengths if graph.max_length is not None and length > graph.max_length]
    if too_long:
        raise ConversionError(
            f"Length {too_long[0]} is beyond the {graph.max_length} positions of this model; name a shorter one."
        )
    _check(model, graph, spec)
    return Deployment.of(graph, spec)


def _graph(model: Any, spec: GraphSpec) -> Any:
    if hasattr(model, "inference_graph"):  # a family of its own that names it
        return model.inference_graph(spec.output, spec.probability)
    if encoder_weights.supports(model):
        return LeanBert(encoder_weights.read(model), spec.output, spec.probability)
    if getattr(model.config, "model_type", None) == "mobilebert":
        return LeanMobileBert(model, spec.output, spec.probability)
    return AsIs(model, spec.output, spec.probability)


def _check(model: Any, graph: nn.Module, spec: GraphSpec) -> None:
    """Compare the graph with the model on rows of random tokens, one of them padded."""
    config = model.config
    pad = config.pad_token_id or 0
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(pad + 1, config.vocab_size, (2, 8), generator=generator, dtype=torch.int32)
    mask = torch.ones_like(ids)
    ids[1, 5:], mask[1, 5:] = pad, 0
    types = mask.clone()
    types[:, :4] = 0
    values = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
    feeds = {name: values[name] for name in spec.inputs}
    with torch.no_grad():
        expected = model(**{name: feeds[name] for name in input_names(model)}).logits.float()
        expected = probabilities(spec.probability)(expected) if spec.output == "probabilities" else expected
        difference = float((graph(**feeds) - expected).abs().max() / expected.abs().max())
    if not difference <= TOLERANCE:
        raise UnsupportedModel(
            f"The inference graph of '{config.model_type}' gives other {spec.output} than the model, by "
            f"{difference:.1%} of the largest: this family cannot be exported yet."
        )
