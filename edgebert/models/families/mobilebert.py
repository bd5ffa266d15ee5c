"""MobileBERT (Sun et al. 2020): narrow bottlenecks in a wide body, several small FFNs a layer, no LayerNorm.

transformers' own module, with what it lacks: multiply-adds, random weights that a network without normalisation can
be trained from, and padding that its three-token window does not see.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import nn

from edgebert.models.huggingface import HuggingFaceModel
from edgebert.models.model import Counts


class MobileBert(HuggingFaceModel):
    """A `MobileBertForSequenceClassification`, whose vector of the padding token is set to zero."""

    model_type: ClassVar[str] = "mobilebert"

    def __init__(self, model: nn.Module) -> None:
        super().__init__(model)
        # The window of three sees the padding behind a text: zeros there are what it sees without padding. The row
        # has no gradient (`padding_idx`), so it stays zero.
        self.input_embeddings.weight.data[self.config.pad_token_id] = 0.0

    def counts(self, length: int) -> Counts:
        """Parameters, and multiply-adds of the embedding's projection and of all layers."""
        return Counts(sum(p.numel() for p in self.model.parameters()), macs(self.config, length))


def macs(config: Any, length: int) -> int:
    """Multiply-adds of MobileBERT or IB-BERT: body b wide, bottleneck k, F FFNs of f, embedding e.

    S (3 e b + L (in b k + shared b k + Q, K, V + out k k + F 2 k f + back k b)) + L 2 S^2 k
    """
    body, inner = config.hidden_size, config.true_hidden_size
    if config.use_bottleneck_attention:  # Q, K and V read the bottleneck
        reads = 3 * inner * inner
    elif config.key_query_shared_bottleneck:  # Q and K a bottleneck of their own, V the body
        reads = body * inner + 2 * inner * inner + body * inner
    else:  # all three read the body
        reads = 3 * body * inner
    ffn = config.num_feedforward_networks * 2 * inner * config.intermediate_size
    token = body * inner + reads + inner * inner + ffn + inner * body
    embedding = (3 if config.trigram_input else 1) * config.embedding_size * body
    layers = config.num_hidden_layers
    return int(length * (embedding + layers * token) + layers * 2 * length**2 * inner)


@torch.no_grad()
def initialise(model: Any) -> None:
    """Random weights for a MobileBERT or IB-BERT classifier, in place.

    BERT's own start, every weight of deviation 0.02, counts on LayerNorm: without it the activations stay at 0.03,
    the attention sees next to nothing (gradients of queries of 1e-9) and the classifier is blind to the words. Here
    every product keeps the variance of what it reads (deviation 1 / sqrt(inputs), times sqrt(2) before the
    activation, He et al. 2015), and a branch that is added to a stream is divided by the square root of how many
    are, as in GPT-2 (Radford et al. 2019): in 24 layers without normalisation the body grows from 1 to about 3, in
    fp32 and in bf16.
    """
    config = model.config
    embeddings = model.base_model.embeddings
    for table, deviation in ((embeddings.word_embeddings, 1.0), (embeddings.position_embeddings, 0.3),
                             (embeddings.token_type_embeddings, 0.3)):  # fmt: skip
        nn.init.normal_(table.weight, std=deviation)
    embeddings.word_embeddings.weight[config.pad_token_id] = 0.0
    for name, module in model.base_model.named_modules():
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=_gain(name, config) * module.in_features**-0.5)


def _gain(name: str, config: Any) -> float:
    if name.endswith("intermediate.dense"):
        return 2**0.5
    if name.endswith("output.bottleneck.dense"):
        return float(config.num_hidden_layers**-0.5)
    if name.endswith("output.dense"):  # attention and FFNs
        return float((1 + config.num_feedforward_networks) ** -0.5)
    return 1.0
