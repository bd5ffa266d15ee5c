"""A Hugging Face masked language model: an encoder and the head that says which word is hidden."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModelForMaskedLM
from transformers.utils.logging import disable_progress_bar

from converters import hugging_face
from edgebert.errors import UserError

disable_progress_bar()  # edgebert shows its own

HEADS = {
    "bert": ("cls",),
    "mobilebert": ("cls",),
    "roberta": ("lm_head",),
    "xlm-roberta": ("lm_head",),
    "camembert": ("lm_head",),
    "distilbert": ("vocab_transform", "activation", "vocab_layer_norm", "vocab_projector"),
    "electra": ("generator_predictions", "generator_lm_head"),
    "albert": ("predictions",),
}
"""By family, the modules that one after the other make logits over the vocabulary of a hidden state."""


class MaskedLM(nn.Module):
    """An encoder with a masked-LM head.

    Args:
        model: a `...ForMaskedLM` of a family in `HEADS`.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.graph_inputs = hugging_face.input_names(model)
        config: Any = model.config
        self.head = tuple(getattr(model, name) for name in HEADS[config.model_type])

    @property
    def encoder(self) -> nn.Module:
        """The network without the head."""
        found: Any = self.model.base_model
        return found  # type: ignore[no-any-return]

    @property
    def layers(self) -> nn.ModuleList:
        """The layers of the encoder, in order."""
        lists = (module for module in self.encoder.modules() if isinstance(module, nn.ModuleList))
        return next(layers for layers in lists if len(layers) == self.model.config.num_hidden_layers)  # type: ignore[union-attr]

    def forward(self, inputs: Mapping[str, Tensor], at: Tensor) -> Tensor:
        """Logits over the vocabulary at some places alone: all of a batch at once would be a gigabyte.

        Args:
            inputs: `input_ids`, `attention_mask` and `token_type_ids` by name, int64 [n, t] each.
            at: which places, bool [n, t].

        Returns:
            [places, vocabulary], row by row.
        """
        states = self.encoder(**{name: inputs[name] for name in self.graph_inputs})[0][at]
        return reduce(lambda state, module: module(state), self.head, states)  # type: ignore[no-any-return]

    def save(self, folder: Path) -> None:
        """Write a `...ForMaskedLM` checkpoint that transformers loads."""
        self.model.save_pretrained(folder)  # type: ignore[operator]


def load(folder: Path) -> tuple[MaskedLM, bool]:
    """The masked language model of a checkpoint, in fp32 and evaluation mode.

    Args:
        folder: a Hugging Face checkpoint, with a masked-LM head or without.

    Returns:
        The model, and whether the head is the checkpoint's own: else its weights are new and random.

    Raises:
        UserError: if its family has no such model, or weights of the encoder are missing.
    """
    try:
        model, found = AutoModelForMaskedLM.from_pretrained(
            folder, local_files_only=True, dtype=torch.float32, output_loading_info=True
        )
    except Exception as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(f"{folder} could not be loaded as a masked language model: {first}", WITHOUT) from error
    if model.config.model_type not in HEADS:
        raise UserError(
            f"Masked language models are known of {', '.join(HEADS)}; {folder} is a '{model.config.model_type}'.",
            WITHOUT,
        )
    lost = [name for name in found["missing_keys"] if name.startswith(f"{model.base_model_prefix}.")]
    if lost := [name for name in lost if "pooler" not in name]:
        raise UserError(
            f"{folder} lacks {len(lost)} of its weights, {min(lost)} among them.",
            "Save or download the checkpoint again.",
        )
    return MaskedLM(model).eval(), not found["missing_keys"]


WITHOUT = "Choose --candidates neighbours, which needs no such model."
