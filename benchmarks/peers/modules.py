"""The plain torch module that exporters are given: the Hugging Face one, its logits alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModelForSequenceClassification


class Logits(nn.Module):
    """A sequence classifier that gives a tensor."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        """Logits [n, labels]; inputs int [n, t]."""
        types = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        found: Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask, **types).logits
        return found


class PlainBiLstm(nn.Module):
    """A BiLSTM classifier as one would write it for export: two `nn.LSTM`, the second reads each text reversed.

    Packed sequences, which the training module has, cannot be exported.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        of, both = model.encoder, model.encoder.lstm
        self.embedding, self.dense, self.classifier = of.embedding, model.dense, model.classifier
        self.width: int = both.hidden_size
        self.runs = nn.ModuleList()
        for end in ("", "_reverse"):
            one = nn.LSTM(both.input_size, both.hidden_size, batch_first=True)
            one.load_state_dict({name: both.state_dict()[name + end] for name in one.state_dict()})
            self.runs.append(one)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits [n, labels]; inputs int [n, t]."""
        lengths = attention_mask.long().sum(1, keepdim=True)
        places = torch.arange(input_ids.shape[1])[None, :]
        back = torch.where(places < lengths, lengths - 1 - places, places)
        ids = input_ids.long()
        last = (lengths - 1)[:, :, None].expand(-1, -1, self.width)
        states = [
            run(self.embedding(read))[0].gather(1, last).squeeze(1)
            for run, read in zip(self.runs, (ids, ids.gather(1, back)), strict=True)
        ]
        found: Tensor = self.classifier(torch.relu(self.dense(torch.cat(states, 1))))
        return found


def logits_module(checkpoint: Path, classes: bool) -> nn.Module:
    """The module of a checkpoint, in eval mode.

    Args:
        checkpoint: of a sequence classifier.
        classes: whether transformers has a class for it; else it is edgebert's BiLSTM.
    """
    if classes:
        return Logits(AutoModelForSequenceClassification.from_pretrained(checkpoint)).eval()
    from edgebert.models.load import load

    return PlainBiLstm(load(checkpoint).model).eval()
