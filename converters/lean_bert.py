"""The inference graph of BERT-like classifiers: the same function as the training module, in less work.

The head reads the first token only, so the last layer is computed for that row alone; its keys and values still
come from all tokens, so the logits are the same.
"""

from __future__ import annotations

from torch import Tensor, nn

from converters.blocks import Layer, activation, additive_mask, layer_norm, linear, probabilities, table
from converters.encoder_weights import EncoderWeights
from converters.errors import UnsupportedModel
from converters.graph_spec import Output, Probability


class LeanBert(nn.Module):
    """An encoder and its classification head, for export; shares memory with the weights it is made of.

    Args:
        weights: of an encoder with a head.
        output: what `forward` gives back.
        probability: what makes probabilities of logits.

    Attributes:
        max_length: longest input, in tokens.

    Raises:
        UnsupportedModel: if there is no head, or an activation without lean form.
    """

    def __init__(
        self, weights: EncoderWeights, output: Output = "logits", probability: Probability | None = "softmax"
    ) -> None:
        super().__init__()
        if not weights.head:
            raise UnsupportedModel("A bare encoder has no classification head to export: fine-tune it first.")
        self.word = table(weights.word)
        types = weights.token_type
        self.token_type = table(types) if types is not None and types.shape[0] > 1 else None
        # A type that never changes is one vector for all tokens: it goes into the positions.
        self.position = nn.Buffer(weights.position if types is None or self.token_type else weights.position + types)
        self.embed_norm = layer_norm(weights.embed_norm, weights.eps)
        self.projection = linear(weights.projection) if weights.projection else nn.Identity()
        self.layers = nn.ModuleList(
            Layer(layer, weights.heads, weights.activation, weights.eps) for layer in weights.layers
        )
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
            token_type_ids: int32 [batch, length], for families that have them.

        Returns:
            Logits or probabilities, float32 [batch, labels].
        """
        x = self.word(input_ids) + self.position[: input_ids.shape[1]]
        if self.token_type is not None and token_type_ids is not None:
            x = x + self.token_type(token_type_ids)
        x = self.projection(self.embed_norm(x))
        mask = additive_mask(attention_mask)
        last = len(self.layers) - 1
        for index, layer in enumerate(self.layers):
            rows = x[:, :1] if index == last else x
            x = layer(rows, x, mask)
        logits: Tensor = self.head(x[:, 0])
        return logits
