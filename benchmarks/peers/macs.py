"""Multiply-adds of a graph, counted as it runs: those of its matrix products, which are what the limit is made of."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.peers.engine import Job
from benchmarks.peers.modules import logits_module
from converters.graph_spec import GraphSpec
from converters.quiet import quiet
from edgebert.models.load import load


def of_module(job: Job) -> int:
    """Of the module that other tools are given, at full length."""
    module: Any = logits_module(job.checkpoint, job.classes)
    if job.classes:
        module.model.set_attn_implementation("eager")  # the counter does not know every fused attention
    return count(module, job.inputs, job.lengths[-1])


def of_files(job: Job) -> int:
    """Of edgebert's inference graph at full length: it leaves work out."""
    model = load(job.checkpoint)
    spec = GraphSpec(target="onnx", inputs=model.graph_inputs, num_labels=model.config.num_labels)
    (part,) = model.deploy(spec).parts
    return count(part.module, job.inputs, job.lengths[-1])


def count(module: nn.Module, inputs: tuple[str, ...], length: int) -> int:
    """Of one text of ``length`` tokens; a multiply-add is two of the counter's operations."""
    ones = torch.ones(1, length, dtype=torch.int32)
    # Without oneDNN, whose LSTM is one operator that the counter does not know.
    with (
        quiet(),
        torch.no_grad(),
        torch.backends.mkldnn.flags(enabled=False),
        FlopCounterMode(display=False) as counter,
    ):
        module(**dict.fromkeys(inputs, ones))
    return int(counter.get_total_flops()) // 2
