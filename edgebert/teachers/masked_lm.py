"""A masked-LM head: the checkpoint's own, or one fitted on the task's texts for an encoder that has none."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from pathlib import Path

import torch
import torch.nn.functional as F
from accelerate.utils import set_seed
from torch import Tensor, nn

from edgebert import console
from edgebert.models.evaluate import Evaluation
from edgebert.models.masked_lm import MaskedLM, load
from edgebert.models.masked_lm_scores import MaskedLMScores
from edgebert.recipes.options import DistillOptions
from edgebert.tasks.rows import Rows
from edgebert.tasks.task import Task
from edgebert.tasks.tokens import TokenRows
from edgebert.tasks.vocabulary import Vocabulary
from edgebert.teachers.checkpoint import Checkpoint
from edgebert.teachers.masking import Masking
from edgebert.training.batches import Batch, BatchRows, Collate, ordered_batches
from edgebert.training.loop import Plan, train
from edgebert.training.precision import autocast

BATCH_SIZE = 32
LEARNING_RATE = 5e-4
"""Peak."""
HELD_OUT_ROWS = 2048


def fit(
    checkpoint: Checkpoint, task: Task, options: DistillOptions, max_length: int, work: Path
) -> MaskedLMScores:  # fmt: skip
    """Write a masked language model into ``work``; a killed call goes on in it.

    Where the checkpoint has a head it is taken as it is. Else one of BERT's form is fitted, dense + activation +
    LayerNorm + decoder tied to the word embeddings + bias; the encoder stands still, but for the last layers where
    the options say so.

    Args:
        checkpoint: the encoder, not fine-tuned where there is a choice.
        task: its train and unlabelled texts are learnt from, its selection rows are held out.
        options: how long to fit, and the seed: of the first weights, of the order of rows and of the hidden words.
        max_length: where texts are cut, in tokens.
        work: the stage's folder.
    """
    evaluation = Evaluation(task, max_length, work / "scratch")
    masking = Masking(Vocabulary.read(evaluation.encoder.path))
    set_seed(options.seed)
    model, own = load(checkpoint.folder)
    held_out = _HeldOut(evaluation, masking)
    loss, accuracy = held_out.score(model)
    scores = MaskedLMScores(
        source=checkpoint.name, fitted=not own, loss=loss, accuracy=accuracy, tokens=held_out.tokens
    )
    if not own:
        rows = _texts(evaluation)
        console.say(f"  {checkpoint.name} has no masked-LM head: fitting one on {len(rows)} texts")
        plan = Plan(options.mlm_epochs, BATCH_SIZE, LEARNING_RATE, options.seed, options.mlm_steps)
        progress = train(
            HeadLoss(model, masking, options.mlm_layers), rows, plan, evaluation.pad_id, work / "scratch",
            score=lambda: -held_out.score(model)[0], label="fitting a masked-LM head",
        )  # fmt: skip
        after = held_out.score(model)
        scores = replace(
            scores, loss=after[0], accuracy=after[1], loss_before=loss, accuracy_before=accuracy, rows=len(rows),
            steps=progress.step, seconds=round(progress.seconds, 1),
        )  # fmt: skip
    model.save(work)
    evaluation.save_tokenizer(checkpoint.folder, work)
    scores.save(work)
    console.say(f"  {scores}")
    return scores


class HeadLoss(nn.Module):
    """Cross-entropy of the hidden tokens, mean over them.

    Args:
        model: its head learns.
        masking: hides the tokens.
        layers: so many of the encoder's last layers learn too; all else stands still, without dropout.
    """

    def __init__(self, model: MaskedLM, masking: Masking, layers: int) -> None:
        super().__init__()
        self.model, self.masking = model, masking
        self.learning = tuple(model.layers[max(0, len(model.layers) - layers) :])
        model.encoder.requires_grad_(False)
        for layer in self.learning:
            layer.requires_grad_(True)

    def train(self, mode: bool = True) -> HeadLoss:
        """Switch what learns to training; the rest stays in evaluation mode."""
        super().train(mode)
        self.model.encoder.eval()
        for layer in self.learning:
            layer.train(mode)
        return self

    def forward(self, batch: Batch) -> Tensor:
        """The loss of a batch, a scalar."""
        hidden = self.masking(batch)
        total = F.cross_entropy(self.model(hidden.batch.inputs(), hidden.at).float(), hidden.tokens, reduction="sum")
        return total / max(len(hidden.tokens), 1)


class _HeldOut:
    """Selection rows, always with the same words hidden."""

    def __init__(self, evaluation: Evaluation, masking: Masking) -> None:
        rows = evaluation.tokens("select")
        items, collate = BatchRows(rows), Collate(evaluation.pad_id)
        generator = torch.Generator().manual_seed(0)
        places = ordered_batches(rows.lengths[:HELD_OUT_ROWS], BATCH_SIZE)
        self.batches = [masking(collate([items[int(i)] for i in batch]), generator) for batch in places]
        self.tokens = sum(len(hidden.tokens) for hidden in self.batches)

    @torch.no_grad()
    def score(self, model: MaskedLM) -> tuple[float, float]:
        """Loss in nats and accuracy in percent."""
        loss = right = 0.0
        device = next(model.parameters()).device
        model.eval()
        for hidden in self.batches:
            with autocast(device):
                logits = model(hidden.batch.to(device).inputs(), hidden.at.to(device)).float().cpu()
            loss += F.cross_entropy(logits, hidden.tokens, reduction="sum").item()
            right += (logits.argmax(-1) == hidden.tokens).sum().item()
        tokens = max(self.tokens, 1)
        return loss / tokens, 100 * right / tokens


def _texts(evaluation: Evaluation) -> TokenRows:
    """The train and the unlabelled rows, tokenised."""
    task, path = evaluation.task, evaluation.scratch / "texts-tokens.arrow"
    if not path.exists():
        if not task.sizes.get("unlabelled"):
            console.warn("there are no unlabelled texts: the masked-LM head learns from the train texts alone.")
        splits = [task.rows(name) for name in ("train", "unlabelled") if task.sizes.get(name)]
        rows = Rows.write(evaluation.scratch / "texts.arrow", chain(*splits))
        TokenRows.write(path, rows, evaluation.encoder)
    return TokenRows.open(path)
