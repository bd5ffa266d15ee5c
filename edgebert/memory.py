"""Giving memory back between stages, so that the largest stage decides what a run needs, not their sum."""

from __future__ import annotations

import ctypes
import gc
import sys


def release() -> None:
    """Free what nothing refers to any more and, with glibc, hand its pages back to the system.

    Training on batches of many shapes leaves the heap full of holes that glibc keeps for itself.
    """
    gc.collect()
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)
