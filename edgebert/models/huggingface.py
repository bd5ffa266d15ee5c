"""A Hugging Face sequence classifier: training forward, saving, and the leanest exact graph for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from converters import hugging_face
from converters.deployment import Deployment
from converters.encoder_weights import LayerWeights, read, supports
from converters.graph_spec import GraphSpec
from edgebert.models.attention import scores_for_weights, supports_scores
from edgebert.models.model import LOGITS, Counts, Model, Outputs
from edgebert.training.batches import Batch


class HuggingFaceModel(Model):
    """Any classifier of transformers.

    Args:
        model: a `...ForSequenceClassification`.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.config: Any = model.config
        self.provides = LOGITS | {"hidden_states"} | ({"attention_scores"} if supports_scores(model) else set())
        self.graph_inputs = hugging_face.input_names(model)

    @property
    def depth(self) -> int:
        """Number of layers."""
        return int(self.config.num_hidden_layers)

    @property
    def width(self) -> int:
        """Width of the hidden states."""
        return int(self.config.hidden_size)

    @property
    def input_embeddings(self) -> nn.Embedding:
        """The table of word vectors."""
        found: nn.Embedding = self.model.get_input_embeddings()  # type: ignore[operator]
        return found

    @property
    def heads(self) -> int:
        """Attention heads of a layer."""
        return int(self.config.num_attention_heads)

    def forward(self, batch: Batch, wanted: frozenset[str] = LOGITS) -> Outputs:
        """Outputs for a batch: the logits, and what else is in ``wanted``, names of `Outputs` that it `provides`."""
        inputs = {name: getattr(batch, name) for name in self.graph_inputs}
        inputs["output_hidden_states"] = "hidden_states" in wanted
        if "attention_scores" not in wanted:
            found = self.model(**inputs)
            return Outputs(found.logits, found.hidden_states)
        with scores_for_weights(self.model):
            found = self.model(**inputs, output_attentions=True)
        return Outputs(found.logits, found.hidden_states, found.attentions)

    def deploy(self, spec: GraphSpec) -> Deployment:
        """A lean encoder for the families that have one, else the model itself with a mask of our own."""
        return hugging_face.deploy(self.model, spec)

    def counts(self, length: int) -> Counts:
        """Parameters, and the multiply-adds of the encoder layers, where it is a standard encoder."""
        parameters = sum(p.numel() for p in self.model.parameters())
        if not supports(self.model):
            return Counts(parameters, None)
        return Counts(parameters, sum(_macs(layer, length) for layer in read(self.model).layers))

    def save(self, folder: Path) -> None:
        """Write a checkpoint that transformers loads."""
        self.model.save_pretrained(folder)  # type: ignore[operator]


def _macs(layer: LayerWeights, length: int) -> int:
    """S * (weights of the six products) + 2 S^2 H for the scores and what is done with them."""
    products = (layer.q, layer.k, layer.v, layer.o, layer.up, layer.down)
    width = layer.q.weight.shape[0]
    return length * sum(product.weight.numel() for product in products) + 2 * length**2 * width
