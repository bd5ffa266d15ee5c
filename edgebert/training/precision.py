"""bf16 where the processor computes it fast: two to three times the training speed of fp32 there."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import torch


@cache
def bf16_is_fast() -> bool:
    """Whether this machine multiplies bf16 matrices in hardware."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16") or capabilities.get("bf16"))


def autocast(device: torch.device, enabled: bool = True) -> AbstractContextManager[Any]:
    """Run matrix products in bf16 where it is fast, everything else in fp32."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled and bf16_is_fast())
