"""The BiLSTM of Tang et al. 2019: word vectors, one bidirectional LSTM, two dense layers on its last states.

For a pair the two texts go through the same LSTM apart (siamese), and the head sees [h1; h2; |h1 - h2|; h1 * h2].
Inputs are those of every other student: a pair comes as one sequence, and the token types say which text is which.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence
from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification, PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutputWithPooling, SequenceClassifierOutput

from converters.graph_spec import Output, Probability
from converters.lean_bilstm import BiLstmWeights, LeanBiLstm
from edgebert.models.huggingface import HuggingFaceModel
from edgebert.models.model import LOGITS, Counts


class BiLstmConfig(PreTrainedConfig):  # type: ignore[misc]
    """Sizes. ``type_vocab_size`` 2 makes it siamese, for pairs; 1 is for single texts."""

    model_type = "edgebert-bilstm"

    vocab_size: int = 30522
    embedding_size: int = 300
    hidden_size: int = 150
    head_size: int = 200
    num_hidden_layers: int = 1
    type_vocab_size: int = 1
    pad_token_id: int | None = 0
    dropout: float = 0.1


class BiLstmPreTrained(PreTrainedModel):  # type: ignore[misc]
    """What encoder and classifier share."""

    config_class = BiLstmConfig
    base_model_prefix = "encoder"


class BiLstmModel(BiLstmPreTrained):
    """Word vectors and LSTM: tokens to features."""

    def __init__(self, config: BiLstmConfig) -> None:
        super().__init__(config)
        self.embedding = nn.Embedding(config.vocab_size, config.embedding_size)
        self.dropout = nn.Dropout(config.dropout)
        self.lstm = nn.LSTM(config.embedding_size, config.hidden_size, batch_first=True, bidirectional=True)
        self.siamese = config.type_vocab_size > 1
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """The starts of torch: word vectors of deviation 1, LSTM uniform within 1 / sqrt(hidden)."""

    def get_input_embeddings(self) -> nn.Embedding:
        """The word vectors."""
        return self.embedding

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None, **_: Any
    ) -> BaseModelOutputWithPooling:
        """Features as `pooler_output` [n, 2 h], of a siamese encoder [n, 8 h]; inputs int [n, t]."""
        real = attention_mask.bool()
        if not self.siamese:
            return BaseModelOutputWithPooling(pooler_output=self.last_states(input_ids, real))
        assert token_type_ids is not None
        second = real & token_type_ids.bool()
        both = self.last_states(torch.cat([input_ids, input_ids]), torch.cat([real & ~second, second]))
        first, other = both.chunk(2)
        features = torch.cat([first, other, (first - other).abs(), first * other], dim=1)
        return BaseModelOutputWithPooling(pooler_output=features)

    def last_states(self, input_ids: Tensor, chosen: Tensor) -> Tensor:
        """The last state of each direction [n, 2 h], reading only the ``chosen`` tokens, a run in each row.

        A row without any has zeros.
        """
        lengths = chosen.sum(1)
        begin = chosen.int().argmax(1, keepdim=True)
        places = begin + torch.arange(max(int(lengths.max()), 1), device=begin.device)
        words = self.embedding(input_ids.long().gather(1, places.clamp(max=input_ids.shape[1] - 1)))
        packed = pack_padded_sequence(
            self.dropout(words), lengths.clamp(min=1).cpu(), batch_first=True, enforce_sorted=False
        )
        _, (last, _) = self.lstm(packed)
        states: Tensor = last.transpose(0, 1).flatten(1) * (lengths > 0)[:, None]
        return states


class BiLstmForSequenceClassification(BiLstmPreTrained):
    """The encoder, a dense layer with relu, and the classifier."""

    def __init__(self, config: BiLstmConfig) -> None:
        super().__init__(config)
        self.encoder = BiLstmModel(config)
        self.dense = nn.Linear((8 if self.encoder.siamese else 2) * config.hidden_size, config.head_size)
        self.dropout = nn.Dropout(config.dropout)
        self.classifier = nn.Linear(config.head_size, config.num_labels)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """The starts of torch."""

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None, **_: Any
    ) -> SequenceClassifierOutput:
        """Logits [n, labels]; inputs int [n, t]."""
        features = self.encoder(input_ids, attention_mask, token_type_ids).pooler_output
        hidden = self.dropout(torch.relu(self.dense(features)))
        return SequenceClassifierOutput(logits=self.classifier(hidden))

    def inference_graph(self, output: Output, probability: Probability | None) -> LeanBiLstm:
        """The graph that becomes a file; see `converters.hugging_face.deploy`."""
        encoder = self.encoder
        weights = BiLstmWeights.of(encoder.embedding, encoder.lstm, (self.dense, self.classifier), encoder.siamese)
        return LeanBiLstm(weights, output, probability)


class BiLstm(HuggingFaceModel):
    """A `BiLstmForSequenceClassification`. It has no layers to compare with a teacher's: logits alone."""

    model_type: ClassVar[str] = BiLstmConfig.model_type

    def __init__(self, model: nn.Module) -> None:
        super().__init__(model)
        self.provides = LOGITS

    def counts(self, length: int) -> Counts:
        """Parameters, and S 2 (4 h e + 4 h h) + (2 h or 8 h) d + d labels multiply-adds."""
        config = self.config
        hidden, head = config.hidden_size, config.head_size
        lstm = 2 * 4 * hidden * (config.embedding_size + hidden)
        features = (8 if config.type_vocab_size > 1 else 2) * hidden
        macs = length * lstm + features * head + head * config.num_labels
        return Counts(sum(p.numel() for p in self.model.parameters()), macs)


AutoConfig.register(BiLstmConfig.model_type, BiLstmConfig)
AutoModel.register(BiLstmConfig, BiLstmModel)
AutoModelForSequenceClassification.register(BiLstmConfig, BiLstmForSequenceClassification)
