"""The inference graph of a BiLSTM classifier, of one text or of a pair: padding is never read.

Each direction is a plain forward LSTM over tokens that are put in its reading order first, and the state is taken
where the text ends; what comes after it, padding or the other text, changes nothing. Of a pair [a][b][padding] the
whole, reversed, begins with b reversed; reversing that beginning gives b.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from converters.artefact import Entry
from converters.blocks import linear, probabilities, table
from converters.encoder_weights import Dense
from converters.graph_spec import GraphSpec, Output, Probability


@dataclass(frozen=True)
class Direction:
    """One direction of an LSTM of h units on vectors of e, float32, gates in the order input, forget, cell, output."""

    inputs: Tensor
    """[4 h, e]"""
    recurrent: Tensor
    """[4 h, h]"""
    bias: Tensor
    """[4 h]"""


@dataclass(frozen=True)
class BiLstmWeights:
    """All weights of a BiLSTM classifier."""

    word: Tensor
    """[vocabulary, e]"""
    forward: Direction
    backward: Direction
    head: tuple[Dense, Dense]
    """The dense layer, before its relu, and the classifier."""
    siamese: bool
    """Whether the input is a pair, told apart by token types."""

    @classmethod
    def of(
        cls, embedding: nn.Embedding, lstm: nn.LSTM, head: tuple[nn.Linear, nn.Linear], siamese: bool
    ) -> BiLstmWeights:
        """Read the weights off torch's modules; ``lstm`` has one bidirectional layer."""

        def direction(end: str) -> Direction:
            inputs, recurrent, one, other = (
                getattr(lstm, f"{kind}_l0{end}").detach().float().cpu()
                for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            return Direction(inputs, recurrent, one + other)

        plain = [Dense(layer.weight.detach().float().cpu(), layer.bias.detach().float().cpu()) for layer in head]
        word = embedding.weight.detach().float().cpu()
        return cls(word, direction(""), direction("_reverse"), (plain[0], plain[1]), siamese)


class LeanBiLstm(nn.Module):
    """A BiLSTM classifier for export.

    Args:
        weights: of the classifier.
        output: what `forward` gives back.
        probability: what makes probabilities of logits.

    Attributes:
        max_length: None, it reads texts of any length.
    """

    max_length = None

    def __init__(
        self, weights: BiLstmWeights, output: Output = "logits", probability: Probability | None = "softmax"
    ) -> None:
        super().__init__()
        self.weights = weights
        self.word = table(weights.word)
        self.forward_run, self.backward_run = _lstm(weights.forward), _lstm(weights.backward)
        steps = [linear(weights.head[0]), nn.ReLU(), linear(weights.head[1])]
        self.head = nn.Sequential(*steps, *([probabilities(probability)] if output == "probabilities" else []))
        self.eval()

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        """Logits or probabilities, float32 [batch, labels]; inputs int32 [batch, length], as in `LeanBert`."""
        total = attention_mask.sum(1, keepdim=True)
        turned = _reversed(input_ids, total)
        if token_type_ids is None or not self.weights.siamese:
            features = self._states(input_ids, turned, total)
        else:
            second = (attention_mask * token_type_ids).sum(1, keepdim=True)
            first = total - second
            ahead = torch.cat([input_ids, _reversed(turned, second)])
            back = torch.cat([_reversed(input_ids, first), turned])
            one, other = self._states(ahead, back, torch.cat([first, second])).chunk(2)
            features = torch.cat([one, other, (one - other).abs(), one * other], dim=1)
        result: Tensor = self.head(features)
        return result

    def tflite(self, spec: GraphSpec, entries: Sequence[Entry]) -> bytes:
        """The same graph as a TFLite file: litert-torch would unroll the LSTM into thousands of operators."""
        from converters.bilstm_tflite import write

        return write(self.weights, spec, entries)

    def _states(self, ahead: Tensor, back: Tensor, length: Tensor) -> Tensor:
        """The last states of both directions [batch, 2 h] of a text of ``length`` [batch, 1] tokens."""
        place = torch.arange(ahead.shape[1], device=ahead.device)[None, :]
        end = (place == length - 1).float()[:, :, None]  # all zeros for an empty text
        runs = ((self.forward_run, ahead), (self.backward_run, back))
        return torch.cat([(run(self.word(tokens))[0] * end).sum(1) for run, tokens in runs], dim=1)


def _reversed(tokens: Tensor, length: Tensor) -> Tensor:
    """The first ``length`` [batch, 1] of ``tokens`` [batch, length] in reverse, the rest as it is."""
    place = torch.arange(tokens.shape[1], device=tokens.device)[None, :]
    mirrored = length - 1 - place
    return tokens.gather(1, torch.where(mirrored >= 0, mirrored, place).long())


def _lstm(weights: Direction) -> nn.LSTM:
    width, hidden = weights.inputs.shape[1], weights.recurrent.shape[1]
    lstm = nn.LSTM(width, hidden, batch_first=True, device="meta")
    values = (weights.inputs, weights.recurrent, weights.bias, torch.zeros_like(weights.bias))
    for name, value in zip(("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"), values, strict=True):
        setattr(lstm, name, nn.Parameter(value, requires_grad=False))
    return lstm
