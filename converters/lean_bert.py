"""The inference graph of BERT-like classifiers: the same function as the training module, in less work."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from converters.artefact import Entry
from converters.blocks import (
    AbsorbedAttention,
    Attention,
    Layer,
    activation,
    additive_mask,
    layer_norm,
    linear,
    longest,
    probabilities,
    table,
    without_biases,
)
from converters.encoder_weights import EncoderWeights
from converters.errors import UnsupportedModel
from converters.graph_spec import GraphSpec, Output, Probability
from converters.reductions import ALL, Reductions


class LeanBert(nn.Module):
    """An encoder and its classification head, for export; shares memory with the weights it is made of.

    Args:
        weights: of an encoder with a head.
        output: what `forward` gives back.
        probability: what makes probabilities of logits.
        reductions: what is left out.

    Attributes:
        max_length: longest input, in tokens.

    Raises:
        UnsupportedModel: if there is no head, or an activation without lean form.
    """

    def __init__(
        self,
        weights: EncoderWeights,
        output: Output = "logits",
        probability: Probability | None = "softmax",
        reductions: Reductions = ALL,
    ) -> None:
        super().__init__()
        if not weights.head:
            raise UnsupportedModel("A bare encoder has no classification head to export: fine-tune it first.")
        self.word = table(weights.word)
        self._weights, self._reductions = weights, reductions
        types = weights.token_type
        self.token_type = table(types) if types is not None and types.shape[0] > 1 else None
        # A type that never changes is one vector for all tokens: it goes into the positions.
        self.position = nn.Buffer(weights.position if types is None or self.token_type else weights.position + types)
        self.embed_norm = layer_norm(weights.embed_norm, weights.eps)
        self.projection = linear(weights.projection) if weights.projection else nn.Identity()
        self.layers = nn.ModuleList(self._layer(index) for index in range(len(weights.layers)))
        steps: list[nn.Module] = []
        for step in weights.head:
            steps.append(linear(step.dense))
            if step.activation:
                steps.append(activation(step.activation))
        if output == "probabilities":
            steps.append(probabilities(probability))
        self.head = nn.Sequential(*steps)
        self.max_length = weights.position.shape[0]
        self.eval()

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        """Classify.

        Args:
            input_ids: int32 [batch, length].
            attention_mask: int32 [batch, length], 1 for a token, 0 for padding.
            token_type_ids: int32 [batch, length], for families that have them; without, all tokens are of type 0.

        Returns:
            Logits or probabilities, float32 [batch, labels].
        """
        length: Tensor | int = input_ids.shape[1]
        types = None if self.token_type is None else token_type_ids
        if self._reductions.padding:
            length = longest(attention_mask)
            attention_mask, input_ids = attention_mask[:, :length], input_ids[:, :length]
            types = None if types is None else types[:, :length]
        position = self.position[:length]
        if self._reductions.length_first:
            input_ids, position = input_ids.T, position[:, None]
            types = None if types is None else types.T
        x = self.word(input_ids) + position
        if self.token_type is not None:
            x = x + (self.token_type.weight[0] if types is None else self.token_type(types))
        x = self.projection(self.embed_norm(x))
        mask = additive_mask(attention_mask)
        if self._reductions.flat:
            x = x.flatten(0, 1)
        *before, last = self.layers
        for layer in before:
            x = layer(x, x, mask)
        rows = self._first(x, mask) if self._reductions.first_row else x
        x = last(rows, x, mask)
        logits: Tensor = self.head(x if self._reductions.first_row else self._first(x, mask))
        return logits

    def tflite(self, spec: GraphSpec, entries: Sequence[Entry]) -> bytes:
        """See `converters.tflite.WritesItself`."""
        from converters.bert_tflite import write

        return write(self._weights, spec, entries, self._reductions, to_8_bits=False)

    def tflite_to_8_bits(self, spec: GraphSpec, entries: Sequence[Entry]) -> bytes:
        """See `converters.tflite.QuantisesOtherwise`."""
        from converters.bert_tflite import write

        return write(self._weights, spec, entries, self._reductions, to_8_bits=True)

    def _layer(self, index: int) -> Layer:
        weights, reductions = self._weights, self._reductions
        layer = without_biases(weights.layers[index]) if reductions.biases else weights.layers[index]
        absorbed = reductions.first_row and reductions.absorbed and index == len(weights.layers) - 1
        attention = (AbsorbedAttention if absorbed else Attention)(layer, weights.heads, reductions.length_first)
        return Layer(layer, attention, weights.activation, weights.eps)

    def _first(self, x: Tensor, mask: Tensor) -> Tensor:
        """The row of each text's first token [batch, width]."""
        batch, width = mask.shape[0], self._weights.width
        return x.view(-1, batch, width)[0] if self._reductions.length_first else x.view(batch, -1, width)[:, 0]
