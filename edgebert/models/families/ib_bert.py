"""IB-BERT, the inverted-bottleneck teacher of MobileBERT (Sun et al. 2020): the same body, 1024 wide inside.

Its queries and keys read the 512-wide body, which transformers' MobileBERT cannot say; the rest is that module.
"""

from __future__ import annotations

from typing import ClassVar

from torch import nn
from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification, MobileBertConfig
from transformers import MobileBertForSequenceClassification as Classifier
from transformers import MobileBertModel as Encoder

from converters.graph_spec import Output, Probability
from converters.lean_mobilebert import LeanMobileBert
from edgebert.models.families.mobilebert import MobileBert


class IbBertConfig(MobileBertConfig):  # type: ignore[misc]
    """MobileBERT's configuration, read for a body that queries, keys and values see as it is."""

    model_type = "edgebert-ib-bert"


class IbBertModel(Encoder):  # type: ignore[misc]
    """The encoder."""

    config_class = IbBertConfig

    def __init__(self, config: IbBertConfig, add_pooling_layer: bool = True) -> None:
        super().__init__(config, add_pooling_layer)
        _read_the_body(self)
        self.post_init()


class IbBertForSequenceClassification(Classifier):  # type: ignore[misc]
    """The encoder and a classifier on its first token."""

    config_class = IbBertConfig

    def __init__(self, config: IbBertConfig) -> None:
        super().__init__(config)
        _read_the_body(self.mobilebert)
        self.post_init()

    def inference_graph(self, output: Output, probability: Probability | None) -> LeanMobileBert:
        """The graph that becomes a file; see `converters.hugging_face.deploy`."""
        return LeanMobileBert(self, output, probability)


def _read_the_body(encoder: Encoder) -> None:
    for layer in encoder.encoder.layer:
        attention = layer.attention.self
        attention.query, attention.key = (
            nn.Linear(encoder.config.hidden_size, attention.all_head_size) for _ in range(2)
        )


class IbBert(MobileBert):
    """An `IbBertForSequenceClassification`."""

    model_type: ClassVar[str] = IbBertConfig.model_type


AutoConfig.register(IbBertConfig.model_type, IbBertConfig)
AutoModel.register(IbBertConfig, IbBertModel)
AutoModelForSequenceClassification.register(IbBertConfig, IbBertForSequenceClassification)
