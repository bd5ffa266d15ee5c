"""TinyBERT (Jiao et al. 2020): embeddings, hidden states and attention first, then the prediction layer.

    intermediate: sum of MSE(E_s W, E_t), MSE(H_s W, H_t) of every layer, and the attention loss of every layer
    prediction:   CE(softmax(z_t / T), softmax(z_s / T))

The prediction is the soft labels' loss, which has the same gradient: T^2 KL is T^2 CE less the teacher's entropy. The
paper has T = 1 and no gold labels: `--temperature 1 --hard-label-share 0`. W is one for each hidden state, where the
paper has W_e and W_h and the authors' code a single one. The rate of the first phase falls as in every training here,
where the authors' code keeps it, and the attention loss leaves out what their code counts as zero.
"""

from __future__ import annotations

import torch
from torch import Tensor

from edgebert.distill.losses import attention_loss, hidden_loss
from edgebert.distill.method import Phase, Setting
from edgebert.distill.methods import logits
from edgebert.models.model import Outputs
from edgebert.training.batches import Batch


def phases(setting: Setting) -> tuple[Phase, ...]:
    """Intermediate, then prediction; the first falls out where nothing of it is asked for."""
    options, terms = setting.options, setting.options.tinybert_terms
    embeddings = (0,) if "embeddings" in terms else ()
    layers = tuple(range(1, setting.depth + 1)) if "hidden" in terms else ()
    intermediate = Phase(
        name="intermediate", loss=intermediate_loss, epochs=options.intermediate_epochs,
        learning_rate=options.intermediate_learning_rate, logits=False, states=embeddings + layers,
        attentions=tuple(range(setting.depth)) if "attention" in terms else (),
    )  # fmt: skip
    prediction = logits.phases(setting)
    return (intermediate, *prediction) if intermediate.needs and options.intermediate_epochs else prediction


def intermediate_loss(student: Outputs, teacher: Outputs, batch: Batch) -> Tensor:
    """The loss of a batch, a scalar."""
    mask = batch.attention_mask
    states = zip(student.hidden_states or (), teacher.hidden_states or (), strict=True)
    scores = zip(student.attention_scores or (), teacher.attention_scores or (), strict=True)
    terms = [hidden_loss(ours, theirs, mask) for ours, theirs in states]
    terms += [attention_loss(ours, theirs, mask) for ours, theirs in scores]
    return torch.stack(terms).sum()
