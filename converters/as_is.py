"""Classifiers of families without a lean graph: the Hugging Face module itself, with a mask that converters take."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from converters.blocks import additive_mask, probabilities
from converters.graph_spec import Output, Probability


class AsIs(nn.Module):
    """A Hugging Face sequence classifier, for export.

    The mask is built here and handed over in four dimensions, since the code that transformers would build it with
    becomes operators that old runtimes lack. Sets the model's attention to "eager".

    Args:
        model: for example `MobileBertForSequenceClassification`.
        output: what `forward` gives back.
        probability: what makes probabilities of logits.

    Attributes:
        max_length: longest input, in tokens.
    """

    def __init__(
        self, model: nn.Module, output: Output = "logits", probability: Probability | None = "softmax"
    ) -> None:
        super().__init__()
        classifier: Any = model
        classifier.set_attn_implementation("eager")
        self.model = model
        self.last = probabilities(probability) if output == "probabilities" else nn.Identity()
        self.max_length = int(classifier.config.max_position_embeddings)
        self.eval()

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        """Logits or probabilities, float32 [batch, labels]; inputs int32 [batch, length], as in `LeanBert`."""
        types = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        found = self.model(input_ids=input_ids, attention_mask=additive_mask(attention_mask), **types)
        result: Tensor = self.last(found.logits)
        return result
