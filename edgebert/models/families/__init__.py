"""Families that need more than `HuggingFaceModel` says of every classifier: one file a family.

Importing this registers edgebert's own architectures with transformers, so that their checkpoints load like any other.
"""

from __future__ import annotations

from torch import nn

from edgebert.models.families.bilstm import BiLstm
from edgebert.models.families.ib_bert import IbBert
from edgebert.models.families.mobilebert import MobileBert
from edgebert.models.huggingface import HuggingFaceModel

OF: dict[str, type[HuggingFaceModel]] = {family.model_type: family for family in (BiLstm, IbBert, MobileBert)}
"""By `model_type` of the configuration."""


def of(model: nn.Module) -> HuggingFaceModel:
    """A classifier of transformers as a model of its family."""
    config: object = model.config
    return OF.get(getattr(config, "model_type", ""), HuggingFaceModel)(model)
