"""Exporters talk a lot, and none of it is about the user's model."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

SILENT = {"TF_CPP_MIN_LOG_LEVEL": "2", "TF_ENABLE_ONEDNN_OPTS": "0", "LITERT_TORCH_SHOW_PROGRESS": "n"}
"""Read by C++ code when it is loaded; a value that the user has set stays."""

DEEP = 100_000
"""What litert_converter sets the recursion limit to when it is imported, for good: bad JSON could crash the process."""


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Python warnings and log messages below errors to ourselves, and the recursion limit as it was.

    Import the exporter inside the block.
    """
    for name, value in SILENT.items():
        os.environ.setdefault(name, value)
    before, limit = logging.root.manager.disable, sys.getrecursionlimit()
    logging.disable(max(before, logging.WARNING))
    sys.setrecursionlimit(max(limit, DEEP))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
        sys.setrecursionlimit(limit)
