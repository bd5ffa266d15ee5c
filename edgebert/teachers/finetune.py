"""A checkpoint to a teacher: a classifier as it is, a bare encoder with a new head fitted to the task."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from accelerate.utils import set_seed
from torch import Tensor, nn

from edgebert import console
from edgebert.errors import UserError
from edgebert.models.evaluate import Evaluation
from edgebert.models.load import load
from edgebert.models.model import Model
from edgebert.models.scores import ModelScores
from edgebert.recipes.options import FinetuneOptions
from edgebert.tasks import kinds
from edgebert.tasks.task import Task
from edgebert.teachers.checkpoint import Checkpoint
from edgebert.training.batches import Batch
from edgebert.training.loop import Plan, train


def finetune(checkpoint: Checkpoint, task: Task, options: FinetuneOptions, max_length: int, work: Path) -> ModelScores:
    """Write the teacher of ``task`` into ``work``, with its scores and its dev logits.

    Args:
        checkpoint: a classifier, which is taken as it is, or a bare encoder, which is fine-tuned.
        task: what to learn.
        options: how a bare encoder is fine-tuned.
        max_length: where texts are cut, in tokens.
        work: the stage's folder; a killed call goes on in it.
    """
    evaluation = Evaluation(task, max_length, work / "scratch")
    set_seed(options.seed)  # a new head is random
    model = load(checkpoint.folder, None if checkpoint.is_classifier else task.labels)
    model.config.problem_type = evaluation.kind.PROBLEM_TYPE
    counts = model.counts(max_length)
    scores = ModelScores(
        name="teacher",
        architecture=checkpoint.family,
        source=checkpoint.name,
        parameters=counts.parameters,
        macs=counts.macs,
        max_length=max_length,
        metric=evaluation.metric,
        rows=task.sizes,
        licence=checkpoint.licence,
    )
    if not checkpoint.is_classifier:
        scores = _fit_head_and_all(model, evaluation, options, scores, work)
    model.save(work)
    evaluation.save_tokenizer(checkpoint.folder, work)
    scores = replace(scores, dev=evaluation.dev(model, work / "logits-dev.npy"))
    scores.save(work)
    return scores


class LabelLoss(nn.Module):
    """The kind's loss against the gold targets: what plain fine-tuning minimises.

    Args:
        model: its logits are learnt in the task's standard unit.
        task: says what the loss is, and the standard unit.
    """

    def __init__(self, model: Model, task: Task) -> None:
        super().__init__()
        self.model, self.task = model, task
        self.kind = kinds.get(task.kind)

    def forward(self, batch: Batch) -> Tensor:
        """The loss of a batch, a scalar."""
        return self.kind.hard_loss(self.model(batch).logits, self.task.standard(batch.targets))


def _fit_head_and_all(
    model: Model, evaluation: Evaluation, options: FinetuneOptions, scores: ModelScores, work: Path
) -> ModelScores:
    if not evaluation.task.sizes.get("train"):
        raise UserError(
            f"{scores.source} is a bare encoder without a classification head, and there is no train table.",
            "Give --train, or a checkpoint that was fine-tuned to classify.",
        )
    console.say(f"  {scores.source} is a bare encoder: fine-tuning it on {evaluation.task.sizes['train']} rows")
    plan = Plan(options.epochs, options.batch_size, options.learning_rate, options.seed)
    rows = evaluation.tokens("train")
    trainee = LabelLoss(model, evaluation.task)
    progress = train(
        trainee, rows, plan, evaluation.pad_id, work / "scratch",
        score=lambda: evaluation.select(model), label="fine-tuning",
    )  # fmt: skip
    model.rescale(evaluation.task.scale, evaluation.task.shift)
    return replace(
        scores, fine_tuned=True, seed=options.seed, steps=progress.step, best_step=progress.best_step,
        select=progress.best_score, seconds=round(progress.seconds, 1),
    )  # fmt: skip
