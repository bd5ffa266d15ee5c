"""Which phone files are timed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from edgebert.errors import UserError

Delegate = Literal["gpu", "nnapi", "xnnpack"]


@dataclass(frozen=True, kw_only=True)
class PhoneOptions:
    """A phone to time the TFLite files on, in place of this machine; it belongs to no recipe."""

    adb: str | None = None
    """Serial of the phone, as `adb devices` lists it, or `auto` for the only one."""

    benchmark_model: str | None = None
    """TensorFlow's `benchmark_model`, built for the phone."""

    delegate: tuple[Delegate, ...] = ()
    """Delegates to time as well, beside what the engine does of itself: `gpu`, `nnapi`, `xnnpack`."""

    device: str | None = None
    """Device profile whose big cores the program is pinned to. Without it, all cores but the slowest, as the phone
    itself tells their clocks."""

    def __post_init__(self) -> None:
        given = [name for name in ("benchmark_model", "delegate", "device") if getattr(self, name)]
        if given and not self.adb:
            raise UserError(f"--{given[0].replace('_', '-')} is for a phone, and none is named.", "Add: --adb SERIAL")
