"""Checkpoints to models in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSequenceClassification
from transformers.utils.logging import disable_progress_bar

from edgebert.errors import UserError
from edgebert.models import families
from edgebert.models.huggingface import HuggingFaceModel

disable_progress_bar()  # edgebert shows its own


def load(folder: Path, labels: tuple[str, ...] | None = None) -> HuggingFaceModel:
    """A sequence classifier (of whatever kind of task) from a checkpoint, in fp32 and evaluation mode.

    Args:
        folder: a Hugging Face checkpoint.
        labels: names of the outputs, for a bare encoder that is to get a new head; None for a checkpoint with one.

    Raises:
        UserError: if transformers cannot load it.
    """
    named: dict[str, Any] = {}
    if labels is not None:
        named = {
            "num_labels": len(labels),
            "id2label": dict(enumerate(labels)),
            "label2id": {label: i for i, label in enumerate(labels)},
        }
    try:
        model, found = AutoModelForSequenceClassification.from_pretrained(
            folder, local_files_only=True, dtype=torch.float32, output_loading_info=True, **named
        )
    except Exception as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(f"{folder} could not be loaded as a sequence classifier: {first}") from error
    # A new head and its pooler are to be fitted; anything else that is missing would silently be random.
    lost = found["missing_keys"]
    if labels is not None:
        lost = [name for name in lost if name.startswith(f"{model.base_model_prefix}.") and "pooler" not in name]
    if lost:
        raise UserError(
            f"{folder} lacks {len(lost)} of its weights, {min(lost)} among them.",
            "Save or download the checkpoint again.",
        )
    return families.of(model).eval()
