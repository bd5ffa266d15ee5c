"""The one training loop: accelerate, warm-up, clipping, the best checkpoint kept, and going on after a kill.

What is trained is a module whose `forward(batch)` is the loss, so that a student with its projections, or a
teacher with its new head, is one object to optimise, save, and spread over several GPUs.
"""

from __future__ import annotations

import math
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch import nn

from edgebert import console
from edgebert.files import read_json, write_json
from edgebert.memory import release
from edgebert.tasks.tokens import TokenRows
from edgebert.training.batches import BucketBatches, training_loader
from edgebert.training.precision import bf16_is_fast

SAVE_SECONDS = float(os.environ.get("EDGEBERT_SAVE_SECONDS", "45"))
"""A kill loses at most about so many seconds of training."""


@dataclass(frozen=True)
class Plan:
    """How long and how fast to train."""

    epochs: float
    """Passes over the rows; a fraction of a pass is allowed."""
    batch_size: int
    learning_rate: float
    """Peak, after the warm-up."""
    seed: int
    max_steps: int | None = None
    """Stop after so many steps, whatever the epochs."""
    warmup: float = 0.1
    """Share of the steps in which the learning rate rises from 0."""
    weight_decay: float = 0.01
    clip: float = 1.0
    """Largest norm of the gradient of a step."""
    evaluations: int = 6
    """How often the score on the selection rows is taken, evenly over the steps, the last at the end."""

    def steps(self, rows: int) -> int:
        """Optimiser steps for a table of ``rows`` rows on one process."""
        steps = max(1, round(self.epochs * math.ceil(rows / self.batch_size)))
        return min(steps, self.max_steps) if self.max_steps else steps


@dataclass(frozen=True)
class Progress:
    """How far a training is, and its best so far: what a killed run reads first."""

    step: int = 0
    best_score: float | None = None
    """None before the first evaluation, and without a score."""
    best_step: int = 0
    seconds: float = 0.0


def train(
    trainee: nn.Module,
    rows: TokenRows,
    plan: Plan,
    pad_id: int,
    work: Path,
    *,
    score: Callable[[], float] | None,
    label: str,
    rate: Callable[[str], float] = lambda name: 1.0,
) -> Progress:
    """Train ``trainee`` in place and leave it with the weights of its best evaluation, or its last without a score.

    Args:
        trainee: ``forward(batch)`` gives the loss, a scalar.
        rows: what to train on.
        plan: how long and how fast.
        pad_id: token id of padding.
        work: folder for checkpoints; a killed training continues from the newest in it, and ends with the weights
            that it would have had unkilled.
        score: the trainee's score on the selection rows, larger is better; None for what cannot be scored.
        label: what the progress bar says.
        rate: the learning rate of a parameter of ``trainee``, by its name, as a factor of the plan's.

    Returns:
        The number of steps made, the best score and when it was reached.
    """
    set_seed(plan.seed)
    accelerator = Accelerator(mixed_precision="bf16" if bf16_is_fast() else "no")
    total = max(1, plan.steps(len(rows)) // accelerator.num_processes)
    optimizer = torch.optim.AdamW(_groups(trainee, plan, rate), lr=plan.learning_rate, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, _warm_up_then_linear(total, plan.warmup))
    model, optimizer = accelerator.prepare(trainee, optimizer)
    milestones = {round(total * (i + 1) / plan.evaluations) for i in range(plan.evaluations)} | {total}

    checkpoints = _Checkpoints(work, accelerator, schedule)
    progress = checkpoints.restore()
    every = accelerator.num_processes  # each process takes its own batches of a step
    places = range(every * progress.step + accelerator.process_index, every * total, every)
    loader = training_loader(rows, BucketBatches(rows.lengths, plan.batch_size, plan.seed, places), pad_id)
    begun, saved = time.monotonic() - progress.seconds, time.monotonic()
    with console.bar(label, total, done=progress.step) as shown:
        for batch in loader:
            model.train()
            loss = model(batch.to(accelerator.device))
            accelerator.backward(loss)
            accelerator.clip_grad_norm_(model.parameters(), plan.clip)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            progress = replace(progress, step=progress.step + 1)
            if progress.step in milestones:
                note = f"loss {loss.item():.3f}"
                if score:
                    model.eval()
                    progress = checkpoints.keep_if_best(trainee, progress, score())
                    note += f", best score {progress.best_score:.2f}"
                release()
                shown.note(note)
            shown.advance()
            if time.monotonic() - saved > SAVE_SECONDS:
                saved = time.monotonic()
                checkpoints.save(replace(progress, seconds=saved - begun))
    if score:
        checkpoints.load_best(trainee)
    trainee.eval()
    return replace(progress, seconds=time.monotonic() - begun)


class _Checkpoints:
    """Checkpoints in one folder: the newest, to go on from, and the best, to end with."""

    def __init__(self, work: Path, accelerator: Accelerator, schedule: torch.optim.lr_scheduler.LambdaLR) -> None:
        self.folder, self.accelerator, self.schedule = work / "training", accelerator, schedule
        self.folder.mkdir(exist_ok=True)
        self.pointer = self.folder / "progress.json"
        accelerator.register_for_checkpointing(schedule)

    def save(self, progress: Progress) -> None:
        """Write everything that the next step depends on, then point to it: a kill in between loses nothing."""
        name = f"step-{progress.step}"
        self.accelerator.save_state(str(self.folder / name))
        if self.accelerator.is_main_process:
            write_json(self.pointer, {"newest": name, **asdict(progress)})
            for old in self.folder.glob("step-*"):
                if old.name != name:
                    shutil.rmtree(old)
        self.accelerator.wait_for_everyone()

    def restore(self) -> Progress:
        """Go back to the newest checkpoint, if a run before this one left any."""
        if not self.pointer.exists():
            return Progress()
        state: dict[str, Any] = read_json(self.pointer)
        self.accelerator.load_state(str(self.folder / state.pop("newest")))
        progress = Progress(**state)
        console.say(f"  going on at step {progress.step}, where an earlier run stopped")
        return progress

    def keep_if_best(self, trainee: nn.Module, progress: Progress, score: float) -> Progress:
        """Keep the weights if their score is above all before."""
        if progress.best_score is not None and score <= progress.best_score:
            return progress
        if self.accelerator.is_main_process:
            temporary = self.folder / "best.tmp"
            torch.save(trainee.state_dict(), temporary)
            temporary.replace(self.folder / "best.pt")
        self.accelerator.wait_for_everyone()
        return replace(progress, best_score=score, best_step=progress.step)

    def load_best(self, trainee: nn.Module) -> None:
        """Put the best weights back; the checkpoints are not needed any more."""
        trainee.load_state_dict(torch.load(self.folder / "best.pt", weights_only=True))


def _groups(module: nn.Module, plan: Plan, rate: Callable[[str], float]) -> list[dict[str, Any]]:
    """Parameters by learning rate, and decayed or not: biases and normalisation weights are not, as in BERT."""
    groups: dict[tuple[bool, float], list[nn.Parameter]] = {}
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            groups.setdefault((parameter.ndim <= 1, rate(name)), []).append(parameter)
    return [
        {
            "params": groups[vector, factor],
            "lr": factor * plan.learning_rate,
            "weight_decay": 0.0 if vector else plan.weight_decay,
        }
        for vector, factor in sorted(groups)
    ]


def _warm_up_then_linear(total: int, share: float) -> Callable[[int], float]:
    """Learning rate as a factor of its peak: rising over the first ``share`` of the steps, falling to 0 at the end."""
    rising = max(1, round(total * share))

    def factor(step: int) -> float:
        return (step + 1) / rising if step < rising else max(0.0, (total - step) / max(1, total - rising))

    return factor
