"""When a file is good enough, how files are timed, and what an app can afford."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from edgebert.errors import UserError
from edgebert.recipes.options.limits import above_zero


@dataclass(frozen=True, kw_only=True)
class VerifyOptions:
    """Where files are run, and when one is good enough."""

    runtimes: tuple[str, ...] = ("ort", "litert")
    """Runtimes that every file is checked in: `ort`, `litert`, `tf`, `tflite-runtime`. The first that reads a format
    decides whether a file ships; one that is wrong in a later one is refused for that one."""

    max_drop: float = 1.0
    """Points (of 100) of the task's metric that an int8 file may lose against the student."""

    fp16_max_drop: float = 0.2
    """Likewise, an fp16 file."""

    fp32_tolerance: float = 1e-4
    """Largest difference between an fp32 file and the student on any row: of a probability, or of a number in standard
    deviations of the dev column."""


@dataclass(frozen=True, kw_only=True)
class ProfileOptions:
    """How the files are timed on this machine."""

    timed_calls: int = 60
    """Timed calls of each file at each setting, after warm-up."""

    timed_rows: int = 200
    """Dev rows timed at their own lengths, each once."""

    baselines: bool = True
    """Time the teacher and a BERT-base of random weights beside the student."""

    def __post_init__(self) -> None:
        above_zero(self, "timed_calls", "timed_rows")


@dataclass(frozen=True, kw_only=True)
class BudgetOptions:
    """What an app can afford.

    When no file that passed its gate fits, the exit code is 1: everything is written all the same, but nothing is
    copied into an Android project.
    """

    budget_ms: float | None = None
    """Milliseconds that a call may take on this machine, without tokenising. Where no file fits, the exit code is 1:
    everything is written all the same, but nothing is copied into an Android project."""

    budget_mb: float | None = None
    """Megabytes (millions of bytes) that a file may have; files used by length count together."""

    budget_percentile: Literal[50, 90, 99] = 90
    """Percentile of the calls' times that the budget is for: 90 means that nine calls in ten are faster."""

    budget_threads: int = 1
    """Threads that the budget is for: 1, or all cores of the machine that timed the files."""

    budget_length: int | None = None
    """Tokens that the budget is for, each file padding to the next length it takes. Without it, the dev rows' own
    lengths, where files of several lengths were timed so."""

    @property
    def given(self) -> bool:
        """Whether there is a budget at all."""
        return self.budget_ms is not None or self.budget_mb is not None

    def __post_init__(self) -> None:
        above_zero(self, "budget_ms", "budget_mb", "budget_threads", "budget_length")
        if self.budget_percentile not in (50, 90, 99):
            raise UserError(f"--budget-percentile {self.budget_percentile} is not kept.", "Say 50, 90 or 99.")
