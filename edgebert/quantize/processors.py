"""Instruction sets that int8 files are for.

x86 processors without VNNI multiply uint8 by int8 in pairs and add the two in 16 bits (`vpmaddubsw`), where full 8-bit
weights overflow and saturate: the same ONNX file gives other answers there than on ARM or on x86 with VNNI. Weights of
7 bits cannot overflow. See https://github.com/microsoft/onnxruntime/issues/5849, /6004 and /14642. LiteRT widens
before it adds: its files are exact everywhere.
"""

from __future__ import annotations

import platform
from pathlib import Path

from edgebert.recipes.options import Isa

SEVEN_BITS: dict[Isa, bool] = {"arm": False, "vnni": False, "avx2": True}
"""Whether the weights of ONNX files keep to 7 bits (ONNX Runtime's `reduce_range`), by instruction set."""


def saturates_here() -> bool:
    """Whether 8-bit weights overflow on this machine's processor."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return False
    info = Path("/proc/cpuinfo")
    return not (info.is_file() and "vnni" in info.read_text(encoding="utf-8"))
